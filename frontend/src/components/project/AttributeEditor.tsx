import { ActionIcon, Button, Group, Select, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { LabelAttribute, LabelAttributeWrite } from "../../api/types";

type Kind = LabelAttribute["kind"];

const KINDS: readonly { value: Kind; label: string }[] = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "select", label: "Choice" },
  { value: "checkbox", label: "Yes or no" },
];

/** An attribute as it is being written; `key` tells rows apart before the server has given them an id. */
interface Draft extends LabelAttributeWrite {
  readonly key: string;
  readonly choices: string[];
  readonly default: LabelAttribute["default"];
}

interface Props {
  readonly labelName: string;
  readonly attributes: readonly LabelAttribute[];
  readonly onSave: (attributes: LabelAttributeWrite[]) => void;
}

/** What is to be said of every mask with a label; saved as a whole. */
export function AttributeEditor({ labelName, attributes, onSave }: Props) {
  const [drafts, setDrafts] = useState<readonly Draft[]>(() =>
    attributes.map((attribute) => ({ ...attribute, key: String(attribute.id) })),
  );
  const change = (key: string, changed: Partial<Draft>) =>
    setDrafts((now) => now.map((draft) => (draft.key === key ? { ...draft, ...changed } : draft)));
  const add = () =>
    setDrafts((now) => [
      ...now,
      { key: crypto.randomUUID(), name: "", kind: "select", choices: [], default: null },
    ]);
  const problem = problemOf(drafts);
  return (
    <Stack gap={6} pl="md" data-testid="attribute-editor">
      {drafts.length === 0 && (
        <Text size="xs" className="faint">
          Attributes are said of each mask with this label: a colour, whether it is hidden in part, a number.
        </Text>
      )}
      {drafts.map((draft) => (
        <AttributeRow
          key={draft.key}
          draft={draft}
          onChange={(changed) => change(draft.key, changed)}
          onRemove={() => setDrafts((now) => now.filter(({ key }) => key !== draft.key))}
        />
      ))}
      <Group justify="space-between">
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconPlus size={14} />}
          onClick={add}
          data-testid="attribute-add"
        >
          Add an attribute
        </Button>
        <Group gap="xs">
          {problem && (
            <Text size="xs" c="var(--app-warning)">
              {problem}
            </Text>
          )}
          <Button
            size="compact-xs"
            disabled={problem !== null}
            aria-label={`Save attributes of ${labelName}`}
            onClick={() => onSave(drafts.map(writeOf))}
            data-testid="attributes-save"
          >
            Save attributes
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}

function AttributeRow({
  draft,
  onChange,
  onRemove,
}: {
  readonly draft: Draft;
  readonly onChange: (changed: Partial<Draft>) => void;
  readonly onRemove: () => void;
}) {
  const name = draft.name || "the new attribute";
  return (
    <Group gap={6} wrap="nowrap" align="flex-start" data-testid="attribute-row">
      <TextInput
        size="xs"
        w={130}
        placeholder="Name"
        aria-label={`Name of ${name}`}
        value={draft.name}
        maxLength={100}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <Select
        size="xs"
        w={104}
        aria-label={`Kind of ${name}`}
        data={KINDS}
        value={draft.kind}
        allowDeselect={false}
        // The values masks have would fit no more.
        disabled={draft.id !== undefined}
        onChange={(kind) => kind && onChange({ kind, choices: [], default: null })}
      />
      {draft.kind === "select" && (
        <TagsInput
          size="xs"
          style={{ flex: 1 }}
          placeholder="Choices, Enter after each"
          aria-label={`Choices of ${name}`}
          value={draft.choices}
          onChange={(choices) =>
            onChange({
              choices,
              default: choices.includes(String(draft.default)) ? draft.default : null,
            })
          }
        />
      )}
      <DefaultField draft={draft} name={name} onChange={onChange} />
      <ActionIcon variant="subtle" color="red" aria-label={`Remove ${name}`} onClick={onRemove}>
        <IconTrash size={14} />
      </ActionIcon>
    </Group>
  );
}

function DefaultField({
  draft,
  name,
  onChange,
}: {
  readonly draft: Draft;
  readonly name: string;
  readonly onChange: (changed: Partial<Draft>) => void;
}) {
  const label = `Default of ${name}`;
  if (draft.kind === "select" || draft.kind === "checkbox") {
    const choices = draft.kind === "select" ? draft.choices : ["yes", "no"];
    const chosen = typeof draft.default === "boolean" ? (draft.default ? "yes" : "no") : draft.default;
    return (
      <Select
        size="xs"
        w={110}
        placeholder="No default"
        aria-label={label}
        data={choices}
        value={typeof chosen === "string" ? chosen : null}
        clearable
        onChange={(value) =>
          onChange({ default: draft.kind === "checkbox" && value ? value === "yes" : value })
        }
      />
    );
  }
  return (
    <TextInput
      size="xs"
      style={{ flex: 1 }}
      placeholder="No default"
      aria-label={label}
      value={draft.default === null ? "" : String(draft.default)}
      maxLength={1000}
      onChange={(event) => onChange({ default: event.currentTarget.value || null })}
    />
  );
}

function problemOf(drafts: readonly Draft[]): string | null {
  const names = drafts.map(({ name }) => name.trim());
  if (names.includes("")) return "Each needs a name.";
  if (new Set(names).size < names.length) return "Two have the same name.";
  if (drafts.some(({ kind, choices }) => kind === "select" && choices.length === 0)) {
    return "A choice needs choices.";
  }
  const isNumber = (value: Draft["default"]) => value === null || Number.isFinite(Number(value));
  return drafts.some((draft) => draft.kind === "number" && !isNumber(draft.default))
    ? "A number's default is a number."
    : null;
}

function writeOf({ id, name, kind, choices, default: value }: Draft): LabelAttributeWrite {
  return {
    ...(id === undefined ? {} : { id }),
    name: name.trim(),
    kind,
    choices,
    default: kind === "number" && value !== null ? Number(value) : value,
  };
}

import { ActionIcon, Button, ColorInput, Group, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState, type SyntheticEvent } from "react";
import type { Tag, TagWrite } from "../../api/types";
import { PALETTE } from "../../canvas/palette";

interface Props {
  readonly tags: readonly Tag[];
  readonly onCreate: (tag: TagWrite) => void;
  readonly onChange: (tag: Tag, change: Partial<TagWrite>) => void;
  readonly onDelete: (tag: Tag) => void;
}

/** The project's tags: names and colours. */
export function TagEditor({ tags, onCreate, onChange, onDelete }: Props) {
  const [name, setName] = useState("");
  const create = (event: SyntheticEvent) => {
    event.preventDefault();
    if (name.trim() === "") return;
    onCreate({ name: name.trim() });
    setName("");
  };
  return (
    <Stack gap="xs">
      {tags.length === 0 && (
        <Text size="sm" c="dimmed">
          No tags yet. A tag says something of an image as a whole, such as “night” or “second camera”.
        </Text>
      )}
      {tags.map((tag) => (
        <TagRow
          key={`${tag.id} ${tag.name} ${tag.color}`}
          tag={tag}
          onChange={onChange}
          onDelete={onDelete}
        />
      ))}
      <form onSubmit={create}>
        <Group gap="xs" wrap="nowrap">
          <TextInput
            style={{ flex: 1 }}
            placeholder="New tag"
            aria-label="Name of the new tag"
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-testid="tag-new-name"
          />
          <Button
            type="submit"
            variant="light"
            leftSection={<IconPlus size={16} />}
            disabled={name.trim() === ""}
          >
            Add
          </Button>
        </Group>
      </form>
    </Stack>
  );
}

function TagRow({ tag, onChange, onDelete }: Pick<Props, "onChange" | "onDelete"> & { readonly tag: Tag }) {
  const [name, setName] = useState(tag.name);
  const rename = () => {
    const trimmed = name.trim();
    if (trimmed && trimmed !== tag.name) onChange(tag, { name: trimmed });
    else setName(tag.name);
  };
  return (
    <Group gap="xs" wrap="nowrap" data-testid="tag-row">
      <ColorInput
        w={124}
        withEyeDropper={false}
        value={tag.color}
        onChangeEnd={(color) => onChange(tag, { color })}
        format="hex"
        swatches={[...PALETTE]}
        swatchesPerRow={6}
        aria-label={`Colour of ${tag.name}`}
      />
      <TextInput
        style={{ flex: 1 }}
        value={name}
        maxLength={100}
        aria-label={`Name of ${tag.name}`}
        onChange={(event) => setName(event.currentTarget.value)}
        onBlur={rename}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
        }}
      />
      <Tooltip label="Takes it from all images too">
        <ActionIcon
          variant="subtle"
          color="red"
          aria-label={`Delete ${tag.name}`}
          onClick={() => onDelete(tag)}
        >
          <IconTrash size={16} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

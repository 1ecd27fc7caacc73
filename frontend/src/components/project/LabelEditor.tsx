import { ActionIcon, Button, ColorInput, Group, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { IconListDetails, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState, type SyntheticEvent } from "react";
import type { Label, LabelWrite } from "../../api/types";
import { PALETTE } from "../../canvas/palette";
import { counted } from "../common/formats";
import { AttributeEditor } from "./AttributeEditor";

interface Props {
  readonly labels: readonly Label[];
  readonly onCreate: (label: LabelWrite) => void;
  readonly onChange: (label: Label, change: Partial<LabelWrite>) => void;
  readonly onDelete: (label: Label) => void;
}

/** The project's labels: names, colours, how often each is used. */
export function LabelEditor({ labels, onCreate, onChange, onDelete }: Props) {
  const [name, setName] = useState("");
  const create = (event: SyntheticEvent) => {
    event.preventDefault();
    if (name.trim() === "") return;
    onCreate({ name: name.trim() });
    setName("");
  };
  return (
    <Stack gap="xs">
      {labels.map((label) => (
        <LabelRow
          key={`${label.id} ${label.name} ${label.color} ${JSON.stringify(label.attributes)}`}
          label={label}
          onChange={onChange}
          onDelete={onDelete}
        />
      ))}
      <form onSubmit={create}>
        <Group gap="xs" wrap="nowrap">
          <TextInput
            style={{ flex: 1 }}
            placeholder="New label"
            aria-label="Name of the new label"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-testid="label-new-name"
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

function LabelRow({
  label,
  onChange,
  onDelete,
}: Pick<Props, "onChange" | "onDelete"> & { readonly label: Label }) {
  const [name, setName] = useState(label.name);
  const [areAttributesOpen, setAttributesOpen] = useState(false);
  const rename = () => {
    const trimmed = name.trim();
    if (trimmed && trimmed !== label.name) onChange(label, { name: trimmed });
    else setName(label.name);
  };
  const inUse = label.mask_count > 0;
  return (
    <>
      <Group gap="xs" wrap="nowrap" data-testid="label-row">
        <ColorInput
          w={124}
          withEyeDropper={false}
          value={label.color}
          onChangeEnd={(color) => onChange(label, { color })}
          format="hex"
          swatches={[...PALETTE]}
          swatchesPerRow={6}
          aria-label={`Colour of ${label.name}`}
        />
        <TextInput
          style={{ flex: 1 }}
          value={name}
          aria-label={`Name of ${label.name}`}
          onChange={(event) => setName(event.currentTarget.value)}
          onBlur={rename}
          onKeyDown={(event) => {
            if (event.key === "Enter") event.currentTarget.blur();
          }}
        />
        <Text size="xs" className="faint" w={64} ta="right">
          {counted(label.mask_count, "mask")}
        </Text>
        <Tooltip label="What is said of each mask with this label">
          <Button
            size="compact-sm"
            variant={areAttributesOpen ? "light" : "subtle"}
            color="gray"
            leftSection={<IconListDetails size={16} />}
            aria-label={`${label.attributes.length} attributes of ${label.name}`}
            aria-expanded={areAttributesOpen}
            onClick={() => setAttributesOpen((isOpen) => !isOpen)}
            data-testid="label-attributes"
          >
            {label.attributes.length}
          </Button>
        </Tooltip>
        <Tooltip label={inUse ? "Masks use this label" : "Delete label"}>
          <ActionIcon
            variant="subtle"
            color="red"
            aria-label={`Delete label ${label.name}`}
            disabled={inUse}
            onClick={() => onDelete(label)}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Tooltip>
      </Group>
      {areAttributesOpen && (
        <AttributeEditor
          labelName={label.name}
          attributes={label.attributes}
          onSave={(attributes) => onChange(label, { attributes })}
        />
      )}
    </>
  );
}

import { ActionIcon, Button, Group, Stack, Text, Tooltip } from "@mantine/core";
import { IconListDetails, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { Label, LabelWrite } from "../../api/types";
import { counted } from "../common/formats";
import { AttributeEditor } from "./AttributeEditor";
import { NamedColorFields, NewNameForm } from "./NamedColor";

interface Props {
  readonly labels: readonly Label[];
  readonly onCreate: (label: LabelWrite) => void;
  readonly onChange: (label: Label, change: Partial<LabelWrite>) => void;
  readonly onDelete: (label: Label) => void;
}

/** The project's labels: names, colours, how often each is used. */
export function LabelEditor({ labels, onCreate, onChange, onDelete }: Props) {
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
      <NewNameForm kind="label" onCreate={(name) => onCreate({ name })} />
    </Stack>
  );
}

function LabelRow({
  label,
  onChange,
  onDelete,
}: Pick<Props, "onChange" | "onDelete"> & { readonly label: Label }) {
  const [areAttributesOpen, setAttributesOpen] = useState(false);
  const inUse = label.mask_count > 0;
  return (
    <>
      <Group gap="xs" wrap="nowrap" data-testid="label-row">
        <NamedColorFields
          name={label.name}
          color={label.color}
          onChange={(change) => onChange(label, change)}
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

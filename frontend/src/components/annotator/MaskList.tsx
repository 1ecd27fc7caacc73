import { ActionIcon, Menu, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { IconEye, IconEyeOff, IconTag, IconTrash } from "@tabler/icons-react";
import type { Label } from "../../api/types";
import type { SavedMask } from "../../state/annotation";
import { percentage } from "../common/formats";

interface Props {
  readonly masks: readonly SavedMask[];
  readonly labels: readonly Label[];
  readonly selectedId: string | null;
  readonly alsoSelectedIds: ReadonlySet<string>;
  readonly hiddenIds: ReadonlySet<string>;
  readonly onSelect: (id: string) => void;
  /** Adds a mask to the selection, or takes it out. */
  readonly onToggleSelected: (id: string) => void;
  readonly onToggleVisibility: (id: string) => void;
  readonly onRelabel: (id: string, labelId: number) => void;
  readonly onDelete: (id: string) => void;
}

/** The saved masks of the image; choosing one marks it on the image, and the other way round. */
export function MaskList({ masks, ...rest }: Props) {
  if (masks.length === 0) {
    return (
      <Text size="sm" c="dimmed" px={8} py={4}>
        None yet. Point at something, click, press Enter.
      </Text>
    );
  }
  return (
    <div role="list">
      {masks.map((mask, index) => (
        <MaskRow key={mask.id} mask={mask} number={index + 1} {...rest} />
      ))}
    </div>
  );
}

function MaskRow({
  mask,
  number,
  labels,
  selectedId,
  alsoSelectedIds,
  hiddenIds,
  onSelect,
  onToggleSelected,
  onToggleVisibility,
  onRelabel,
  onDelete,
}: Omit<Props, "masks"> & { readonly mask: SavedMask; readonly number: number }) {
  const label = labels.find((item) => item.id === mask.labelId);
  const isSelected = mask.id === selectedId || alsoSelectedIds.has(mask.id);
  const isHidden = hiddenIds.has(mask.id);
  const name = `${label?.name ?? "Mask"} ${number}`;
  return (
    <div
      className="row"
      role="listitem"
      data-active={isSelected}
      data-testid="object-item"
      data-mask-id={mask.id}
      data-label={label?.name ?? ""}
    >
      <UnstyledButton
        style={{
          display: "flex",
          alignItems: "center",
          gap: 8,
          flex: 1,
          minWidth: 0,
          opacity: isHidden ? 0.5 : 1,
        }}
        aria-pressed={isSelected}
        aria-label={`Select ${name}`}
        onClick={(event) => (event.ctrlKey || event.metaKey ? onToggleSelected(mask.id) : onSelect(mask.id))}
        onKeyDown={(event) => {
          if (event.code !== "Space" || !event.ctrlKey) return;
          event.preventDefault();
          onToggleSelected(mask.id);
        }}
      >
        <span className="swatch" style={{ background: label?.color ?? "#888888" }} />
        <Text size="sm" truncate>
          {label?.name ?? "Unknown label"}
        </Text>
        <Text size="xs" c="dimmed" ml="auto" title="Predicted IoU">
          {percentage(mask.predictedIou)}
        </Text>
      </UnstyledButton>
      <Menu position="left-start">
        <Menu.Target>
          <Tooltip label="Change the label">
            <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`Change the label of ${name}`}>
              <IconTag size={14} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          {labels.map((item) => (
            <Menu.Item
              key={item.id}
              leftSection={<span className="swatch" style={{ background: item.color, display: "block" }} />}
              onClick={() => onRelabel(mask.id, item.id)}
            >
              {item.name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label={isHidden ? `Show ${name}` : `Hide ${name}`}
        onClick={() => onToggleVisibility(mask.id)}
      >
        {isHidden ? <IconEyeOff size={14} /> : <IconEye size={14} />}
      </ActionIcon>
      <ActionIcon
        size="sm"
        variant="subtle"
        color="red"
        aria-label={`Delete ${name}`}
        data-testid="mask-delete"
        onClick={() => onDelete(mask.id)}
      >
        <IconTrash size={14} />
      </ActionIcon>
    </div>
  );
}

import { ActionIcon, Button, Group, Menu, Text, Tooltip } from "@mantine/core";
import {
  IconChevronDown,
  IconEyeOff,
  IconFocusCentered,
  IconLock,
  IconStackBack,
  IconStackBackward,
  IconStackForward,
  IconStackFront,
  IconStackPush,
  IconTrash,
  IconEyeStar,
  IconZoomQuestion,
} from "@tabler/icons-react";
import type { Label } from "../../../api/types";
import type { Command } from "../../../tools/commands";
import { useIsClassFree } from "../ClassFreeContext";
import { CommandButton } from "../CommandButton";
import { useKeyText } from "../KeymapContext";

interface Props {
  readonly count: number;
  readonly labels: readonly Label[];
  readonly isSolo: boolean;
  readonly onRelabel: (labelId: number | null) => void;
  readonly onCommand: (command: Command) => void;
}

const DEPTHS = [
  { name: "bringToFront", title: "Bring to the front", DepthIcon: IconStackFront },
  { name: "bringForward", title: "Bring forward", DepthIcon: IconStackForward },
  { name: "sendBackward", title: "Send backward", DepthIcon: IconStackBackward },
  { name: "sendToBack", title: "Send to the back", DepthIcon: IconStackBack },
] as const;

/** What can be done to the selected masks, one or many. */
export function SelectionBar({ count, labels, isSolo, onRelabel, onCommand }: Props) {
  const keyText = useKeyText();
  const isClassFree = useIsClassFree();
  return (
    <div className="selection-bar" role="toolbar" aria-label="Selected masks" data-testid="selection-bar">
      <Group justify="space-between" wrap="nowrap" gap={6}>
        <Text size="xs" fw={600} data-testid="selection-count" data-count={count}>
          {count} selected
        </Text>
        {!isClassFree && (
          <Menu position="bottom-end" width={220}>
            <Menu.Target>
              <Button
                size="compact-xs"
                variant="default"
                rightSection={<IconChevronDown size={12} />}
                data-testid="relabel"
              >
                Label
              </Button>
            </Menu.Target>
            <Menu.Dropdown mah={360} style={{ overflowY: "auto" }}>
              {labels.map((label, index) => (
                <Menu.Item
                  key={label.id}
                  leftSection={
                    <span className="swatch" style={{ background: label.color, display: "block" }} />
                  }
                  rightSection={<Key text={keyText({ name: "label", index })} />}
                  onClick={() => onRelabel(label.id)}
                  data-testid="relabel-item"
                >
                  {label.name}
                </Menu.Item>
              ))}
              <Menu.Item
                rightSection={<Key text={keyText({ name: "noLabel" })} />}
                onClick={() => onRelabel(null)}
              >
                No label
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
      <Group gap={2} wrap="nowrap" justify="space-between">
        <CommandButton
          size="md"
          label="Zoom to them"
          command={{ name: "zoomToObject" }}
          onCommand={onCommand}
        >
          <IconFocusCentered size={16} />
        </CommandButton>
        <CommandButton
          size="md"
          label={isSolo ? "Show all again" : "Show only these"}
          command={{ name: "solo" }}
          isPressed={isSolo}
          testId="solo"
          onCommand={onCommand}
        >
          <IconEyeStar size={16} />
        </CommandButton>
        <CommandButton
          size="md"
          label="Hide"
          command={{ name: "hideSelected" }}
          testId="hide-selected"
          onCommand={onCommand}
        >
          <IconEyeOff size={16} />
        </CommandButton>
        <CommandButton
          size="md"
          label="Lock"
          command={{ name: "lockSelected" }}
          testId="lock-selected"
          onCommand={onCommand}
        >
          <IconLock size={16} />
        </CommandButton>
        <CommandButton
          size="md"
          label="Find similar"
          command={{ name: "findSimilar" }}
          testId="find-similar"
          onCommand={onCommand}
        >
          <IconZoomQuestion size={16} />
        </CommandButton>
        <Menu position="bottom-end" width={230}>
          <Menu.Target>
            <Tooltip label="What lies over what">
              <ActionIcon
                size="md"
                variant="subtle"
                color="gray"
                aria-label="What lies over what"
                data-testid="depth-menu"
              >
                <IconStackPush size={16} />
              </ActionIcon>
            </Tooltip>
          </Menu.Target>
          <Menu.Dropdown>
            {DEPTHS.map(({ name, title, DepthIcon }) => (
              <Menu.Item
                key={name}
                leftSection={<DepthIcon size={16} />}
                rightSection={<Key text={keyText({ name })} />}
                onClick={() => onCommand({ name })}
                data-testid={`depth-${name}`}
              >
                {title}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <CommandButton
          size="md"
          color="red"
          label="Delete"
          command={{ name: "delete" }}
          testId="delete-selected"
          onCommand={onCommand}
        >
          <IconTrash size={16} />
        </CommandButton>
      </Group>
    </div>
  );
}

function Key({ text }: { readonly text: string }) {
  return (
    <Text size="xs" className="faint">
      {text}
    </Text>
  );
}

import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { IconCheck, IconDots } from "@tabler/icons-react";
import type { Command } from "../../../tools/commands";
import { useKeyText } from "../KeymapContext";

interface Props {
  readonly isEmpty: boolean;
  /** Whether a press on a row adds it to the selection, for fingers that have no Ctrl key. */
  readonly selectsSeveral: boolean;
  readonly onSelectSeveral: (isOn: boolean) => void;
  readonly onCommand: (command: Command) => void;
}

/** What can be done with the list as a whole. */
export function ListMenu({ isEmpty, selectsSeveral, onSelectSeveral, onCommand }: Props) {
  const keyText = useKeyText();
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <Tooltip label="Select and paste">
          <ActionIcon
            size="sm"
            variant={selectsSeveral ? "light" : "subtle"}
            {...(selectsSeveral ? {} : { color: "gray" })}
            aria-label="Select and paste"
            data-testid="list-menu"
          >
            <IconDots size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          disabled={isEmpty}
          rightSection={keyText({ name: "selectAll" })}
          data-testid="select-all"
          onClick={() => onCommand({ name: "selectAll" })}
        >
          Select all that are listed
        </Menu.Item>
        <Menu.Item
          disabled={isEmpty}
          role="menuitemcheckbox"
          aria-checked={selectsSeveral}
          rightSection={selectsSeveral && <IconCheck size={14} />}
          data-testid="select-several"
          onClick={() => onSelectSeveral(!selectsSeveral)}
        >
          Select several by pressing them
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          rightSection={keyText({ name: "paste" })}
          data-testid="paste"
          onClick={() => onCommand({ name: "paste" })}
        >
          Paste copies
        </Menu.Item>
        <Menu.Item
          rightSection={keyText({ name: "deletedMasks" })}
          data-testid="deleted-masks-open"
          onClick={() => onCommand({ name: "deletedMasks" })}
        >
          Deleted masks
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

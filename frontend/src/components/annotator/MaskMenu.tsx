import { Button, Group, Menu, Tooltip } from "@mantine/core";
import { IconChevronDown, IconWand } from "@tabler/icons-react";
import { operationKey, type Command } from "../../tools/keymap";
import { CLEANINGS, COMBININGS, type MaskOperation } from "../../state/maskOperations";

interface Props {
  /** Whether the mask worked on is a saved one. */
  readonly isSaved: boolean;
  /** How many masks are selected besides it. */
  readonly others: number;
  readonly canRefine: boolean;
  readonly onCommand: (command: Command) => void;
  readonly onOperation: (operation: MaskOperation) => void;
}

/** What can be done to the mask worked on without a tool. */
export function MaskMenu({ isSaved, others, canRefine, onCommand, onOperation }: Props) {
  return (
    <Group grow gap="xs">
      {isSaved && (
        <Tooltip label="Correct this mask with clicks; Enter saves it (M)" position="bottom">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconWand size={14} />}
            disabled={!canRefine}
            aria-label="Refine (M)"
            data-testid="mask-refine"
            onClick={() => onCommand({ name: "refine" })}
          >
            Refine
          </Button>
        </Tooltip>
      )}
      <Menu position="bottom-end" width={280}>
        <Menu.Target>
          <Button
            size="xs"
            variant="default"
            rightSection={<IconChevronDown size={14} />}
            data-testid="mask-menu"
          >
            Clean up
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {CLEANINGS.map(({ name, title }) => (
            <Menu.Item
              key={name}
              rightSection={operationKey(name)}
              data-testid={`mask-${name}`}
              onClick={() => onOperation(name)}
            >
              {title}
            </Menu.Item>
          ))}
          {isSaved && (
            <>
              <Menu.Divider />
              <Menu.Item
                rightSection="Ctrl+C"
                data-testid="mask-copy"
                onClick={() => onCommand({ name: "copy" })}
              >
                Copy
              </Menu.Item>
              <Menu.Item
                rightSection="Shift+→"
                data-testid="mask-copy-next"
                onClick={() => onCommand({ name: "copyToNext" })}
              >
                Copy to the next image
              </Menu.Item>
              <Menu.Divider />
              {COMBININGS.map(({ name, title, others: needsOthers }) => (
                <Menu.Item
                  key={name}
                  disabled={needsOthers && others === 0}
                  rightSection={operationKey(name)}
                  data-testid={`mask-${name}`}
                  onClick={() => onOperation(name)}
                >
                  {title}
                </Menu.Item>
              ))}
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

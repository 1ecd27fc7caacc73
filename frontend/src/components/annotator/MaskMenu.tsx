import { Button, Group, Menu, Tooltip } from "@mantine/core";
import { IconChevronDown, IconWand } from "@tabler/icons-react";
import type { Command } from "../../tools/commands";
import { CLEANINGS, type MaskOperation } from "../../state/maskOperations";
import { useLabelWithKey } from "./KeymapContext";

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
  const withKey = useLabelWithKey();
  return (
    <Group grow gap="xs">
      {isSaved && (
        <Tooltip
          label={withKey("Correct this mask with clicks; Enter saves it", { name: "refine" })}
          position="bottom"
        >
          <Button
            size="xs"
            variant="default"
            leftSection={<IconWand size={14} />}
            disabled={!canRefine}
            aria-label={withKey("Refine", { name: "refine" })}
            data-testid="mask-refine"
            onClick={() => onCommand({ name: "refine" })}
          >
            Refine
          </Button>
        </Tooltip>
      )}
      <Menu position="bottom-end" width={240}>
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
            <Menu.Item key={name} data-testid={`mask-${name}`} onClick={() => onOperation(name)}>
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
              <Menu.Item data-testid="mask-split" onClick={() => onOperation("split")}>
                Split into its parts
              </Menu.Item>
              <Menu.Item
                disabled={others === 0}
                data-testid="mask-merge"
                onClick={() => onOperation("merge")}
              >
                Merge the selected masks
              </Menu.Item>
              <Menu.Item
                disabled={others === 0}
                data-testid="mask-subtract"
                onClick={() => onOperation("subtract")}
              >
                Cut the others out of it
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

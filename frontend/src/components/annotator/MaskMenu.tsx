import { Button, Group, Menu, Tooltip } from "@mantine/core";
import { IconChevronDown, IconWand } from "@tabler/icons-react";
import { CLEANINGS, COMBININGS, type MaskOperation } from "../../state/maskOperations";
import type { Command } from "../../tools/commands";
import { useKeyText, useLabelWithKey } from "./KeymapContext";

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
  const keyText = useKeyText();
  const acceptKey = keyText({ name: "accept" });
  return (
    <Group grow gap="xs">
      {isSaved && (
        <Tooltip
          label={withKey(`Correct this mask with clicks; ${acceptKey || "“Save changes”"} saves it`, {
            name: "refine",
          })}
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
              rightSection={keyText({ name: "operate", operation: name })}
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
                rightSection={keyText({ name: "maskHistory" })}
                data-testid="mask-history"
                onClick={() => onCommand({ name: "maskHistory" })}
              >
                History
              </Menu.Item>
              <Menu.Item
                rightSection={keyText({ name: "findSimilar" })}
                data-testid="mask-find-similar"
                onClick={() => onCommand({ name: "findSimilar" })}
              >
                Find similar
              </Menu.Item>
              <Menu.Item
                rightSection={keyText({ name: "copy" })}
                data-testid="mask-copy"
                onClick={() => onCommand({ name: "copy" })}
              >
                Copy
              </Menu.Item>
              <Menu.Item
                rightSection={keyText({ name: "copyToNext" })}
                data-testid="mask-copy-next"
                onClick={() => onCommand({ name: "copyToNext" })}
              >
                Copy to the next image
              </Menu.Item>
              <Menu.Item
                rightSection={keyText({ name: "copyToPrevious" })}
                data-testid="mask-copy-previous"
                onClick={() => onCommand({ name: "copyToPrevious" })}
              >
                Copy to the previous image
              </Menu.Item>
              <Menu.Divider />
              {COMBININGS.map(({ name, title, others: needsOthers }) => (
                <Menu.Item
                  key={name}
                  disabled={needsOthers && others === 0}
                  rightSection={keyText({ name: "operate", operation: name })}
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

import { Menu } from "@mantine/core";
import { IconReplace, IconTrash } from "@tabler/icons-react";
import type { ViewPoint } from "../../geometry/points";
import { pointTurned, promptRemoved, type PromptHandle } from "../../sam/promptEdits";
import { FOREGROUND, type Prompts } from "../../sam/prompts";
import { useKeyText } from "./KeymapContext";

export interface PromptMenuPlace {
  readonly held: PromptHandle;
  readonly at: ViewPoint;
}

interface Props {
  readonly place: PromptMenuPlace;
  readonly prompts: Prompts;
  readonly onChange: (prompts: Prompts) => void;
  readonly onClose: () => void;
}

/** What the right button offers on a click or on the box. */
export function PromptMenu({ place: { held, at }, prompts, onChange, onClose }: Props) {
  const deleteKey = useKeyText()({ name: "delete" });
  const point = held.kind === "point" ? prompts.points[held.index] : undefined;
  return (
    <Menu opened onClose={onClose} position="right-start" width={220} returnFocus>
      <Menu.Target>
        <span style={{ position: "absolute", left: at.x, top: at.y, width: 1, height: 1 }} />
      </Menu.Target>
      <Menu.Dropdown data-testid="prompt-menu">
        {held.kind === "point" && point && (
          <Menu.Item
            leftSection={<IconReplace size={14} />}
            data-testid="prompt-turn"
            onClick={() => onChange(pointTurned(prompts, held.index))}
          >
            {point.label === FOREGROUND ? "Make it take away" : "Make it add"}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconTrash size={14} />}
          rightSection={deleteKey}
          data-testid="prompt-remove"
          onClick={() => onChange(promptRemoved(prompts, held))}
        >
          {held.kind === "point" ? "Remove this click" : "Remove the box"}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

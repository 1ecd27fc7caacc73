import { ActionIcon, Divider, Text, Tooltip } from "@mantine/core";
import {
  IconBrush,
  IconEraser,
  IconGridDots,
  IconMinus,
  IconPlus,
  IconPolygon,
  IconSquare,
  IconWand,
  type Icon,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { TOOLS, type Command } from "../../tools/keymap";
import type { ToolName } from "../../tools/tool";

const ICONS: Readonly<Record<ToolName, Icon>> = {
  smart: IconWand,
  brush: IconBrush,
  eraser: IconEraser,
  polygon: IconPolygon,
  rectangle: IconSquare,
};

interface Props {
  readonly tool: ToolName;
  readonly brushDiameter: number;
  readonly onCommand: (command: Command) => void;
}

/** The tools beside the image; brush and eraser show their size. */
export function ToolStrip({ tool, brushDiameter, onCommand }: Props) {
  const usesBrush = tool === "brush" || tool === "eraser";
  return (
    <div className="tool-strip" role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {TOOLS.map((item) => {
        const ToolIcon = ICONS[item.tool];
        return (
          <Tooltip key={item.tool} label={`${item.name} (${item.key}): ${item.description}`} position="right">
            <ActionIcon
              size="lg"
              variant={item.tool === tool ? "filled" : "subtle"}
              {...(item.tool === tool ? {} : { color: "gray" })}
              aria-label={`${item.name} (${item.key})`}
              aria-pressed={item.tool === tool}
              data-testid={`tool-${item.tool}`}
              onClick={() => onCommand({ name: "tool", tool: item.tool })}
            >
              <ToolIcon size={18} />
            </ActionIcon>
          </Tooltip>
        );
      })}
      <Divider w="100%" />
      <Tooltip label="Everything (G): propose masks under the box, or in view" position="right">
        <ActionIcon
          size="lg"
          variant="subtle"
          color="gray"
          aria-label="Propose everything (G)"
          data-testid="everything"
          onClick={() => onCommand({ name: "everything" })}
        >
          <IconGridDots size={18} />
        </ActionIcon>
      </Tooltip>
      {usesBrush && (
        <>
          <Divider w="100%" />
          <SizeButton label="Larger brush (])" onClick={() => onCommand({ name: "brushLarger" })}>
            <IconPlus size={16} />
          </SizeButton>
          <Tooltip label="Brush size in image pixels (Ctrl + wheel)" position="right">
            <Text fz={11} ta="center" aria-live="polite" data-testid="brush-size">
              {brushDiameter} px
            </Text>
          </Tooltip>
          <SizeButton label="Smaller brush ([)" onClick={() => onCommand({ name: "brushSmaller" })}>
            <IconMinus size={16} />
          </SizeButton>
        </>
      )}
    </div>
  );
}

function SizeButton({
  label,
  onClick,
  children,
}: {
  readonly label: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Tooltip label={label} position="right">
      <ActionIcon size="md" variant="subtle" color="gray" aria-label={label} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

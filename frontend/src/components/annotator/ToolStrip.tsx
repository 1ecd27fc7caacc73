import { Divider, Text, Tooltip } from "@mantine/core";
import {
  IconBrush,
  IconEraser,
  IconGridDots,
  IconLetterCase,
  IconMessagePlus,
  IconMinus,
  IconPlus,
  IconPolygon,
  IconSquare,
  IconWand,
  type Icon,
} from "@tabler/icons-react";
import { memo } from "react";
import { TOOLS, type Command } from "../../tools/commands";
import type { ToolName } from "../../tools/tool";
import { CommandButton } from "./CommandButton";

const ICONS: Readonly<Record<ToolName, Icon>> = {
  smart: IconWand,
  brush: IconBrush,
  eraser: IconEraser,
  polygon: IconPolygon,
  rectangle: IconSquare,
  comment: IconMessagePlus,
};

interface Props {
  readonly tool: ToolName;
  readonly brushDiameter: number;
  /** Whether the model can be asked with words, and whether the field for one is open. */
  readonly hasWords: boolean;
  readonly isWordOpen: boolean;
  readonly onCommand: (command: Command) => void;
}

/** The tools beside the image; brush and eraser show their size. */
export const ToolStrip = memo(function ToolStrip(props: Props) {
  const { tool, brushDiameter, hasWords, isWordOpen, onCommand } = props;
  const usesBrush = tool === "brush" || tool === "eraser";
  return (
    <div className="tool-strip" role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {TOOLS.map((item) => {
        const ToolIcon = ICONS[item.tool];
        return (
          <CommandButton
            key={item.tool}
            label={item.name}
            description={item.description}
            command={{ name: "tool", tool: item.tool }}
            isPressed={item.tool === tool}
            tooltipAt="right"
            testId={`tool-${item.tool}`}
            onCommand={onCommand}
          >
            <ToolIcon size={18} />
          </CommandButton>
        );
      })}
      <Divider w="100%" />
      <CommandButton
        label="Propose everything"
        description="masks under the box, or in view"
        command={{ name: "everything" }}
        tooltipAt="right"
        testId="everything"
        onCommand={onCommand}
      >
        <IconGridDots size={18} />
      </CommandButton>
      {hasWords && (
        <CommandButton
          label="Word"
          description="masks of what a word names"
          command={{ name: "word" }}
          isPressed={isWordOpen}
          tooltipAt="right"
          testId="word-open"
          onCommand={onCommand}
        >
          <IconLetterCase size={18} />
        </CommandButton>
      )}
      {usesBrush && (
        <>
          <Divider w="100%" />
          <CommandButton
            size="md"
            label="Larger brush"
            command={{ name: "brushLarger" }}
            tooltipAt="right"
            onCommand={onCommand}
          >
            <IconPlus size={16} />
          </CommandButton>
          <Tooltip label="Brush size in image pixels (Ctrl + wheel)" position="right">
            <Text fz={11} ta="center" aria-live="polite" data-testid="brush-size">
              {brushDiameter} px
            </Text>
          </Tooltip>
          <CommandButton
            size="md"
            label="Smaller brush"
            command={{ name: "brushSmaller" }}
            tooltipAt="right"
            onCommand={onCommand}
          >
            <IconMinus size={16} />
          </CommandButton>
        </>
      )}
    </div>
  );
});

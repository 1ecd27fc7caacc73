import { CloseButton, Group, Kbd, Text, Tooltip } from "@mantine/core";
import { useMemo } from "react";
import { imageToView } from "../../geometry/frames";
import { placeBeside, type ScreenBox } from "../../geometry/placement";
import { imagePoint } from "../../geometry/points";
import type { Size } from "../../geometry/size";
import type { Viewport } from "../../geometry/viewport";
import type { Candidate } from "../../state/annotation";
import type { Prompts } from "../../sam/prompts";
import { CandidateCards, type CandidateChoice } from "./CandidateCards";
import { CHOICE_EXPLAINED } from "./candidateNames";
import { unionBox } from "./candidateRegion";
import { useKeyText } from "./KeymapContext";

interface Props extends CandidateChoice {
  readonly prompts: Prompts;
  readonly viewport: Viewport;
  readonly room: Size;
  readonly onClose: () => void;
}

const HEIGHT = 146;
const CARD_WIDTH = 90;
const GAP = 8;
/** The tool strip's corner, and the reach of the pointer around a click. */
const TOOLS: ScreenBox = { left: 0, top: 0, width: 70, height: 430 };
const POINTER_REACH = 28;

/**
 * The choice between the decoder's masks beside the object, never on it. Its place depends on the answer and the
 * view, not on which mask is chosen: it must not run away from the pointer.
 */
export function CandidatePicker({ prompts, viewport, room, onClose, ...choice }: Props) {
  const { candidates } = choice;
  const key = useKeyText()({ name: "nextCandidate" });
  const width = candidates.length * CARD_WIDTH + 20;
  const place = useMemo(() => {
    const clicks = prompts.points.map(({ point }) => reachAround(imageToView(viewport, point)));
    const target = boxOnScreen(candidates, viewport, room);
    return placeBeside(target, { width, height: HEIGHT }, room, [TOOLS, ...clicks], GAP);
  }, [candidates, prompts, viewport, room, width]);
  return (
    <div className="candidate-picker" style={{ ...place, width }} data-testid="candidate-picker">
      <CandidateCards {...choice} testId="pick" />
      <Group justify="space-between" gap={4} wrap="nowrap" mb={4}>
        <Tooltip label={CHOICE_EXPLAINED} multiline w={280}>
          <Text size="xs" c="dimmed" style={{ cursor: "help" }}>
            Which one? {key && <Kbd size="xs">{key}</Kbd>}
          </Text>
        </Tooltip>
        <Tooltip label="Hide this picker; the panel keeps the choice">
          <CloseButton size="xs" aria-label="Hide the picker" data-testid="picker-hide" onClick={onClose} />
        </Tooltip>
      </Group>
    </div>
  );
}

/** The part of the candidates' box that is in view. */
function boxOnScreen(candidates: readonly Candidate[], viewport: Viewport, room: Size): ScreenBox {
  const box = unionBox(candidates) ?? { x: 0, y: 0, width: 0, height: 0 };
  const start = imageToView(viewport, imagePoint(box.x, box.y));
  const end = imageToView(viewport, imagePoint(box.x + box.width, box.y + box.height));
  const left = Math.max(0, start.x);
  const top = Math.max(0, start.y);
  return {
    left,
    top,
    width: Math.max(0, Math.min(room.width, end.x) - left),
    height: Math.max(0, Math.min(room.height, end.y) - top),
  };
}

function reachAround({ x, y }: { readonly x: number; readonly y: number }): ScreenBox {
  return {
    left: x - POINTER_REACH,
    top: y - POINTER_REACH,
    width: 2 * POINTER_REACH,
    height: 2 * POINTER_REACH,
  };
}

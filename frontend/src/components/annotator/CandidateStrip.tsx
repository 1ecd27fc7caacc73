import { Group, Text, UnstyledButton } from "@mantine/core";
import { useEffect, useRef } from "react";
import { DRAFT_RGB } from "../../canvas/colors";
import { paintMasks } from "../../canvas/paint";
import type { Size } from "../../geometry/size";
import type { Candidate } from "../../state/annotation";
import { percentage } from "../common/formats";

const WIDTH = 132;

interface Props {
  readonly candidates: readonly Candidate[];
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
}

/** The decoder's masks side by side with their predicted IoU; the chosen one is marked. */
export function CandidateStrip({ candidates, chosen, onChoose }: Props) {
  const names = namesOf(candidates);
  return (
    <Group gap={6} wrap="nowrap" align="stretch" role="radiogroup" aria-label="Candidate masks">
      {candidates.map((candidate, index) => (
        <UnstyledButton
          key={candidate.candidate}
          className="candidate"
          role="radio"
          aria-checked={index === chosen}
          aria-label={`${names[index]!}, predicted IoU ${percentage(candidate.predictedIou)}`}
          data-selected={index === chosen}
          data-testid={`candidate-${index}`}
          data-candidate={candidate.candidate}
          data-iou={candidate.predictedIou?.toFixed(4) ?? ""}
          onClick={() => onChoose(index)}
        >
          <Thumbnail candidate={candidate} />
          <Text size="xs" ta="center" truncate mt={2} c="dimmed">
            {names[index]}
          </Text>
          <Text size="xs" ta="center" fw={600} title="Predicted IoU">
            {candidate.predictedIou?.toFixed(2) ?? "–"}
          </Text>
        </UnstyledButton>
      ))}
    </Group>
  );
}

function Thumbnail({ candidate }: { readonly candidate: Candidate }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = candidate.mask.rle.size;
  const { width, height, scale } = thumbnailSize(size);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const style = { color: DRAFT_RGB, fill: 235, outline: 255, thickness: 1 };
    paintMasks(context, [{ mask: candidate.mask, style }], { scale, left: 0, top: 0 });
  }, [candidate, scale]);
  return <canvas ref={canvas} width={width} height={height} />;
}

function thumbnailSize(size: Size): Size & { scale: number } {
  const scale = Math.min(WIDTH / size.width, WIDTH / size.height);
  return {
    scale,
    width: Math.max(1, Math.round(size.width * scale)),
    height: Math.max(1, Math.round(size.height * scale)),
  };
}

const SINGLE = 0;
const BY_SIZE = ["Whole", "Part", "Subpart"];

/** By size among the three ambiguous masks: which token means what is nothing the model promises. */
function namesOf(candidates: readonly Candidate[]): string[] {
  const bySize = candidates
    .filter(({ candidate }) => candidate !== SINGLE)
    .sort((a, b) => b.mask.area - a.mask.area);
  return candidates.map((item) =>
    item.lowRes === null
      ? item.predictedIou === null
        ? "By hand"
        : "Saved"
      : item.candidate === SINGLE
        ? "Refined"
        : (BY_SIZE[bySize.indexOf(item)] ?? "Mask"),
  );
}

import { Text, Tooltip, UnstyledButton } from "@mantine/core";
import { useEffect, useMemo, useRef } from "react";
import { DRAFT_RGB } from "../../canvas/colors";
import { paintMasks } from "../../canvas/paint";
import type { Size } from "../../geometry/size";
import type { Placement } from "../../masks/coverage";
import type { Candidate } from "../../state/annotation";
import { percentage } from "../common/formats";
import { onRadioKey, radioTabIndex } from "../common/radios";
import { candidateNames } from "./candidateNames";
import { unionBox } from "./candidateRegion";
import { useLabelWithKey } from "./KeymapContext";

/** Drawn at twice the size on the screen, for fine screens. */
const THUMBNAIL: Size = { width: 88, height: 66 };
const FINENESS = 2;

export interface CandidateChoice {
  readonly candidates: readonly Candidate[];
  readonly chosen: number;
  /** A small version of the photograph, to see the outlines on. */
  readonly thumbnailUrl: string;
  readonly onChoose: (index: number) => void;
  /** Shows a candidate in place of the chosen one while it is pointed at. */
  readonly onPeek: (candidate: Candidate | null) => void;
}

/** The decoder's masks side by side, on the part of the photograph they cover, with their predicted IoU. */
export function CandidateCards({
  candidates,
  chosen,
  thumbnailUrl,
  onChoose,
  onPeek,
  testId,
}: CandidateChoice & { readonly testId: string }) {
  const withKey = useLabelWithKey();
  const names = candidateNames(candidates);
  const placement = useMemo(() => thumbnailPlacement(candidates), [candidates]);
  return (
    <div
      className="candidates"
      role="radiogroup"
      aria-label="Candidate masks"
      onPointerLeave={() => onPeek(null)}
      onKeyDown={(event) => onRadioKey(event, chosen, onChoose)}
    >
      {candidates.map((candidate, index) => (
        <Tooltip
          // Two may have the same number: alternatives to a proposal include the one it was made of.
          key={index}
          label={withKey(`${names[index]!}: predicted IoU ${percentage(candidate.predictedIou)}`, {
            name: "candidate",
            index,
          })}
        >
          <UnstyledButton
            className="candidate"
            role="radio"
            aria-checked={index === chosen}
            tabIndex={radioTabIndex(index, chosen)}
            aria-label={`${names[index]!}, predicted IoU ${percentage(candidate.predictedIou)}`}
            data-selected={index === chosen}
            data-testid={`${testId}-${index}`}
            data-candidate={candidate.candidate}
            data-iou={candidate.predictedIou?.toFixed(4) ?? ""}
            onPointerEnter={() => onPeek(candidate)}
            onClick={() => onChoose(index)}
          >
            <Thumbnail candidate={candidate} placement={placement} url={thumbnailUrl} />
            <Text size="xs" ta="center" truncate mt={2} c="dimmed">
              {names[index]}
            </Text>
            <Text size="xs" ta="center" fw={600}>
              {candidate.predictedIou?.toFixed(2) ?? "–"}
            </Text>
          </UnstyledButton>
        </Tooltip>
      ))}
    </div>
  );
}

interface ThumbnailProps {
  readonly candidate: Candidate;
  readonly placement: Placement;
  readonly url: string;
}

function Thumbnail({ candidate, placement, url }: ThumbnailProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = candidate.mask.rle.size;
  const { scale, left, top } = placement;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const style = { color: DRAFT_RGB, fill: 150, outline: 255, thickness: 2 };
    paintMasks(context, [{ mask: candidate.mask, style }], { scale, left, top });
  }, [candidate, scale, left, top]);
  // In shares of the picture, which is as wide as its card.
  const share = (value: number, of: number) => `${(100 * value) / (of * FINENESS)}%`;
  return (
    <div className="candidate-picture">
      <img
        src={url}
        alt=""
        draggable={false}
        style={{
          left: share(left, THUMBNAIL.width),
          top: share(top, THUMBNAIL.height),
          width: share(width * scale, THUMBNAIL.width),
          height: share(height * scale, THUMBNAIL.height),
        }}
      />
      <canvas ref={canvas} width={THUMBNAIL.width * FINENESS} height={THUMBNAIL.height * FINENESS} />
    </div>
  );
}

/** The part of the image that all candidates cover, with a little around it, in the middle of the thumbnail. */
function thumbnailPlacement(candidates: readonly Candidate[]): Placement {
  const [width, height] = [THUMBNAIL.width * FINENESS, THUMBNAIL.height * FINENESS];
  const box = unionBox(candidates) ?? { x: 0, y: 0, width: 1, height: 1 };
  const scale = Math.min(width / box.width, height / box.height) * 0.86;
  return {
    scale,
    left: Math.round(width / 2 - (box.x + box.width / 2) * scale),
    top: Math.round(height / 2 - (box.y + box.height / 2) * scale),
  };
}

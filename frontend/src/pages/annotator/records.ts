import type { Mask, MaskCreate, MaskUpdate } from "../../api/types";
import { imagePoint } from "../../geometry/points";
import { indexMask } from "../../masks/columns";
import { fromCoco, toCoco } from "../../masks/rleString";
import type { PointLabel, PromptRecord } from "../../sam/prompts";
import type { SavedMask } from "../../state/annotation";

/** A mask of the API as the store keeps it. Throws `RangeError` when its run lengths are broken. */
export function savedMaskOf(mask: Mask): SavedMask {
  const [height, width] = mask.segmentation.size as [number, number];
  return {
    id: mask.id,
    labelId: mask.label,
    z: mask.z,
    attributes: mask.attributes,
    mask: indexMask(fromCoco({ size: [height, width], counts: mask.segmentation.counts })),
    prompts: promptsOf(mask),
    model: mask.model,
    predictedIou: mask.predicted_iou,
    stabilityScore: mask.stability_score,
    stage: mask.stage,
    secondsSpent: mask.seconds_spent,
    author: mask.author,
  };
}

function promptsOf(mask: Mask): PromptRecord {
  const { points, box, candidate } = mask.prompts;
  return {
    points: points.map((point) => {
      const { x, y } = imagePoint(point[0]!, point[1]!);
      return [x, y, point[2] as PointLabel];
    }),
    box: box as PromptRecord["box"],
    candidate,
  };
}

export function maskCreateBody(mask: SavedMask): MaskCreate {
  return { id: mask.id, ...maskFields(mask) };
}

export function maskUpdateBody(mask: SavedMask, revision: number): MaskUpdate {
  return { revision, ...maskFields(mask) };
}

function maskFields(mask: SavedMask): Omit<MaskCreate, "id"> {
  const { size, counts } = toCoco(mask.mask.rle);
  return {
    label: mask.labelId,
    z: mask.z,
    attributes: mask.attributes,
    segmentation: { size: [...size], counts },
    prompts: mask.prompts,
    model: mask.model,
    predicted_iou: mask.predictedIou,
    stability_score: mask.stabilityScore,
    stage: mask.stage,
    seconds_spent: Math.round(mask.secondsSpent * 10) / 10,
  };
}

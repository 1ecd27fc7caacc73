import type { Mask, MaskCreate, MaskUpdate, Tombstone } from "../../api/types";
import { imagePoint } from "../../geometry/points";
import { indexMask } from "../../masks/columns";
import { fromCoco, toCoco, type CocoSegmentation } from "../../masks/rleString";
import type { PointLabel, PromptRecord } from "../../sam/prompts";
import type { SavedMask } from "../../state/annotation";
import type { Known, ServerMask } from "../../state/pendingChange";

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
    tool: mask.tool,
    modelSegmentation: null,
  };
}

/** What is known of a mask by its revision alone, without decoding its pixels. */
export function knownOf({ revision }: Mask): Known {
  return { kind: "stored", revision };
}

/** A mask of the API with its revision, and who left it so. Throws like `savedMaskOf`. */
export function serverMaskOf(mask: Mask): ServerMask {
  return { known: knownOf(mask), mask: savedMaskOf(mask), by: mask.updated_by, at: mask.updated_at };
}

export function deletedMaskOf(tombstone: Tombstone): ServerMask {
  const known = { kind: "deleted", revision: tombstone.revision } as const;
  return { known, mask: null, by: tombstone.deleted_by, at: tombstone.deleted_at };
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

/** `restores`: the revision at which a mask was deleted that is to come back. */
export function maskCreateBody(mask: SavedMask, restores: number | null): MaskCreate {
  return { id: mask.id, ...(restores === null ? {} : { restores }), ...maskFields(mask) };
}

export function maskUpdateBody(mask: SavedMask, revision: number): MaskUpdate {
  return { revision, ...maskFields(mask) };
}

function coco({ size, counts }: CocoSegmentation): MaskCreate["segmentation"] {
  return { size: [...size], counts };
}

function maskFields(mask: SavedMask): Omit<MaskCreate, "id"> {
  return {
    label: mask.labelId,
    z: mask.z,
    attributes: mask.attributes,
    segmentation: coco(toCoco(mask.mask.rle)),
    ...(mask.modelSegmentation ? { model_segmentation: coco(mask.modelSegmentation) } : {}),
    prompts: mask.prompts,
    model: mask.model,
    predicted_iou: mask.predictedIou,
    stability_score: mask.stabilityScore,
    stage: mask.stage,
    tool: mask.tool,
    seconds_spent: Math.round(mask.secondsSpent * 10) / 10,
  };
}

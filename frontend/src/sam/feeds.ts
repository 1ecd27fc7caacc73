import { boxCorners } from "../geometry/boxes";
import { imageToModel, type ModelFrame } from "../geometry/frames";
import type { Manifest } from "./manifest";
import type { Prompts } from "./prompts";

const PADDING = -1;
const BOX_TOP_LEFT = 2;
const BOX_BOTTOM_RIGHT = 3;

/** The decoder's prompt inputs: XY in the model's frame, and one label per point. */
export interface PromptFeed {
  readonly pointCoords: Float32Array;
  readonly pointLabels: Float32Array;
}

/**
 * Points first, then a box as its two corners with labels 2 and 3. Without a box one point (0, 0) with label -1
 * follows, as SAM's exported decoder demands (spec sections 3 and 10).
 */
export function promptFeed(prompts: Prompts, frame: ModelFrame): PromptFeed {
  const coords: number[] = [];
  const labels: number[] = [];
  for (const { point, label } of prompts.points) {
    const { x, y } = imageToModel(frame, point);
    coords.push(x, y);
    labels.push(label);
  }
  if (prompts.box) {
    for (const corner of boxCorners(prompts.box)) {
      const { x, y } = imageToModel(frame, corner);
      coords.push(x, y);
    }
    labels.push(BOX_TOP_LEFT, BOX_BOTTOM_RIGHT);
  } else {
    coords.push(0, 0);
    labels.push(PADDING);
  }
  return { pointCoords: Float32Array.from(coords), pointLabels: Float32Array.from(labels) };
}

/** A tensor before it belongs to a runtime: float32 data and its shape. */
export interface PlainTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** Label of an empty slot. Unlike padding (-1), which is a token of its own, it changes nothing. */
export const ABSENT = -2;
/**
 * Numbers of point slots the click graph is planned for, one click with its padding or a box being 2. Few, as each
 * costs a session, and close together where most prompts are, as each slot costs time.
 */
export const SLOT_BUCKETS: readonly number[] = [2, 3, 5, 7, 15];

/** The smallest bucket that holds so many points, or null where they need a session without fixed slots. */
export function slotBucket(points: number): number | null {
  return SLOT_BUCKETS.find((slots) => slots >= points) ?? null;
}

/** The same prompt with empty slots up to `slots`. */
export function fillSlots(feed: PromptFeed, slots: number): PromptFeed {
  const points = feed.pointLabels.length;
  if (points > slots) throw new RangeError(`${points} points do not fit into ${slots} slots`);
  const pointCoords = new Float32Array(2 * slots);
  pointCoords.set(feed.pointCoords);
  const pointLabels = new Float32Array(slots).fill(ABSENT);
  pointLabels.set(feed.pointLabels);
  return { pointCoords, pointLabels };
}

/** The free dimension of the click graph. */
export const POINTS_DIMENSION = "num_points";
export const PREPARE_INPUT = "image_embeddings";

/** The inputs of `click.onnx` by tensor name, beside what `prepare.onnx` answers under the same names. */
export type PromptTensors = Record<"point_coords" | "point_labels", PlainTensor>;
export type MaskTensors = Record<"mask_input" | "has_mask_input", PlainTensor>;

export function promptTensors({ pointCoords, pointLabels }: PromptFeed): PromptTensors {
  const points = pointLabels.length;
  return {
    point_coords: { data: pointCoords, dims: [1, points, 2] },
    point_labels: { data: pointLabels, dims: [1, points] },
  };
}

/** `lowRes` is the chosen candidate of the call before ([L, L] logits); null makes the zeros the graph wants then. */
export function maskTensors(lowRes: Float32Array | null, { lowResSize }: Manifest): MaskTensors {
  const { height, width } = lowResSize;
  if (lowRes && lowRes.length !== height * width) {
    throw new RangeError(`a mask prompt of ${lowRes.length} logits is not ${height} x ${width}`);
  }
  return {
    mask_input: { data: lowRes ?? new Float32Array(height * width), dims: [1, 1, height, width] },
    has_mask_input: { data: Float32Array.of(lowRes ? 1 : 0), dims: [1] },
  };
}

export const OUTPUT_NAMES = { iouPredictions: "iou_predictions", lowResMasks: "low_res_masks" } as const;

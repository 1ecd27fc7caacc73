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

/** The inputs of `decoder.onnx`, signature `low_res`, by tensor name. */
export type DecoderFeeds = Record<
  "image_embeddings" | "point_coords" | "point_labels" | "mask_input" | "has_mask_input",
  PlainTensor
>;

/**
 * All inputs of one decoder call. `previousLowRes` is the chosen candidate of the call before ([L, L] logits), or
 * null; the mask input is required by the graph either way and is zeros then.
 */
export function decoderFeeds(
  embedding: Float32Array,
  prompt: PromptFeed,
  previousLowRes: Float32Array | null,
  manifest: Manifest,
): DecoderFeeds {
  const points = prompt.pointLabels.length;
  const { height, width } = manifest.lowResSize;
  const cells = height * width;
  if (previousLowRes && previousLowRes.length !== cells) {
    throw new RangeError(`a mask prompt of ${previousLowRes.length} logits is not ${height} x ${width}`);
  }
  return {
    image_embeddings: { data: embedding, dims: manifest.embeddingShape },
    point_coords: { data: prompt.pointCoords, dims: [1, points, 2] },
    point_labels: { data: prompt.pointLabels, dims: [1, points] },
    mask_input: { data: previousLowRes ?? new Float32Array(cells), dims: [1, 1, height, width] },
    has_mask_input: { data: Float32Array.of(previousLowRes ? 1 : 0), dims: [1] },
  };
}

export const OUTPUT_NAMES = { iouPredictions: "iou_predictions", lowResMasks: "low_res_masks" } as const;

import type { Label } from "../api/types";
import { indexMask } from "../masks/columns";
import type { Rle } from "../masks/rle";
import { rectangleMask } from "../masks/shapes";
import type { Acceptance } from "./actions";
import { initialState, type AnnotationState, type Candidate, type SavedMask } from "./annotation";

// Made for tests: saved masks with as little said as possible, on an image of 20 by 20 pixels.

export const SIZE = { height: 20, width: 20 };

/** A mask of any image. */
export function savedMask(id: string, rle: Rle, rest: Partial<SavedMask> = {}): SavedMask {
  return {
    id,
    labelId: 1,
    z: 0,
    attributes: {},
    mask: indexMask(rle),
    prompts: { points: [], box: null, candidate: 0 },
    model: null,
    predictedIou: null,
    stabilityScore: null,
    stage: "assisted_manual",
    secondsSpent: 0,
    author: null,
    tool: null,
    modelSegmentation: null,
    ...rest,
  };
}

/** A mask of the whole pixels of a box [x0, y0, x1, y1). */
export function boxMask(
  id: string,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  rest: Partial<SavedMask> = {},
): SavedMask {
  return savedMask(id, rectangleMask({ x0, y0, x1, y1 }, SIZE), rest);
}

/** A mask as the decoder gives it. */
export function decodedMask(rle: Rle, candidate = 1, predictedIou = 0.9): Candidate {
  return { candidate, predictedIou, stabilityScore: 1, lowRes: new Float32Array(4), mask: indexMask(rle) };
}

/** How a draft becomes the saved mask "new". */
export const ACCEPTANCE: Acceptance = {
  id: "new",
  labelId: 4,
  attributes: {},
  model: "tiny@1",
  secondsSpent: 3,
  author: "ada",
  yields: false,
};

export function stateOf(...masks: SavedMask[]): AnnotationState {
  return initialState(SIZE, masks);
}

export function label(id: number, name: string, attributes: Label["attributes"] = []): Label {
  return { id, name, supercategory: "", color: "#e69f00", category_id: id, mask_count: 0, attributes };
}

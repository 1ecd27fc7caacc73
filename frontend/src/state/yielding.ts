import { indexMask, type IndexedMask } from "../masks/columns";
import { masksEqual, subtractMask } from "../masks/combine";
import type { Bbox } from "../masks/rle";
import type { AnnotationState } from "./annotation";
import { isShown } from "./visibility";

/**
 * A new mask without the pixels of visible saved masks; the mask itself where it meets none. The mask that is being
 * refined is no other mask.
 */
export function yieldedMask(state: AnnotationState, mask: IndexedMask): IndexedMask {
  let { rle } = mask;
  for (const other of state.masks.values()) {
    if (!isShown(state, other.id) || other.id === state.draft.refinedId) continue;
    if (boxesMeet(mask.bbox, other.mask.bbox)) rle = subtractMask(rle, other.mask.rle);
  }
  return masksEqual(rle, mask.rle) ? mask : indexMask(rle);
}

function boxesMeet(a: Bbox | null, b: Bbox | null): boolean {
  if (!a || !b) return false;
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

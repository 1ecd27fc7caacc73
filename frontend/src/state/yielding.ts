import { indexMask, type IndexedMask } from "../masks/columns";
import { masksEqual, subtractMask } from "../masks/combine";
import { boxesMeet } from "../masks/overlap";
import type { AnnotationState } from "./annotation";

/**
 * A new mask without the pixels of visible saved masks; the mask itself where it meets none. The mask that is being
 * refined is no other mask.
 */
export function yieldedMask({ masks, hiddenIds, draft }: AnnotationState, mask: IndexedMask): IndexedMask {
  let { rle } = mask;
  for (const other of masks.values()) {
    if (hiddenIds.has(other.id) || other.id === draft.refinedId) continue;
    if (boxesMeet(mask.bbox, other.mask.bbox)) rle = subtractMask(rle, other.mask.rle);
  }
  return masksEqual(rle, mask.rle) ? mask : indexMask(rle);
}

import { sizesEqual, type Size } from "../geometry/size";
import { indexMask } from "../masks/columns";
import { masksEqual } from "../masks/combine";
import { resizeMask, shiftMask } from "../masks/placing";
import { rleArea, type Rle } from "../masks/rle";
import type { AnnotationState, SavedMask } from "./annotation";
import { otherSelected } from "./selection";

/** Copied masks, and the size of the image they are from. */
export interface CopiedMasks {
  readonly size: Size;
  readonly masks: readonly SavedMask[];
}

/** A copy on its own image lies so many pixels to the lower right, so that it can be seen and taken hold of. */
const STEP = 12;
/** Sides of two images may differ so much in proportion before a copy would be distorted visibly. */
const DISTORTION = 0.02;

/** The selected masks, the first selected first; null when none is selected. */
export function selectionCopied(state: AnnotationState): CopiedMasks | null {
  const selected = state.selectedId === null ? undefined : state.masks.get(state.selectedId);
  return selected ? { size: state.size, masks: [selected, ...otherSelected(state)] } : null;
}

/** Whether masks of one image mean anything on an image of another size: only if the shape is about the same. */
export function fitsImage(copied: CopiedMasks, size: Size): boolean {
  const ratio = (copied.size.width / copied.size.height) * (size.height / size.width);
  return Math.abs(Math.log(ratio)) <= DISTORTION;
}

interface Pasting {
  readonly newId: () => string;
  readonly author: string | null;
  /** The label of a mask in this project; null when it is to be labelled later. */
  readonly labelId: (wanted: number | null) => number | null;
  /** What a mask says under a label before anybody says anything. */
  readonly defaults: (labelId: number | null) => SavedMask["attributes"];
}

/**
 * Puts copies on the image and selects them: pixels only, as their clicks belong to another image. On an image of
 * another size they are scaled. A copy that would lie exactly on a mask is moved aside. The state itself where
 * nothing of them would be left.
 */
export function masksPasted(state: AnnotationState, copied: CopiedMasks, pasting: Pasting): AnnotationState {
  if (!fitsImage(copied, state.size)) return state;
  const masks = new Map(state.masks);
  const pasted: string[] = [];
  for (const source of copied.masks) {
    const { rle } = source.mask;
    const placed = sizesEqual(rle.size, state.size) ? movedAside(rle, masks) : resizeMask(rle, state.size);
    const mask = indexMask(placed);
    const labelId = pasting.labelId(source.labelId);
    if (mask.area === 0) continue;
    const id = pasting.newId();
    pasted.push(id);
    masks.set(id, {
      ...source,
      id,
      labelId,
      // What was said belongs to the attributes of that label.
      attributes: labelId === source.labelId ? source.attributes : pasting.defaults(labelId),
      mask,
      prompts: { points: [], box: null, candidate: 0 },
      model: null,
      predictedIou: null,
      stabilityScore: null,
      modelSegmentation: null,
      stage: "assisted_manual",
      secondsSpent: 0,
      author: pasting.author,
      tool: "paste",
    });
  }
  const [selectedId, ...others] = pasted;
  if (selectedId === undefined) return state;
  return { ...state, masks, selectedId, alsoSelectedIds: new Set(others) };
}

function movedAside(rle: Rle, masks: ReadonlyMap<string, SavedMask>): Rle {
  const isTaken = (wanted: Rle) => [...masks.values()].some(({ mask }) => masksEqual(mask.rle, wanted));
  let placed = rle;
  while (isTaken(placed)) {
    placed = shiftMask(placed, STEP, STEP);
    // Where moving aside would push it off the image it stays on its twin.
    if (rleArea(placed) === 0) return rle;
  }
  return placed;
}

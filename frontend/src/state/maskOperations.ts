import { growMask, shrinkMask } from "../masks/morphology";
import { dropSpecks, fillHoles, keepLargest } from "../masks/parts";
import type { Rle } from "../masks/rle";
import { smoothMask } from "../masks/smooth";
import type { AnnotationState } from "./annotation";
import {
  editTarget,
  maskEdited,
  selectedSplit,
  selectionMerged,
  selectionSubtracted,
  type Maker,
} from "./editing";

const SMOOTHING_RADIUS = 2;

/** Operations on the mask being worked on, in the order of the menu. */
export const CLEANINGS = [
  { name: "fillHoles", title: "Fill holes", run: fillHoles },
  { name: "dropSpecks10", title: "Drop specks below 10 px", run: (mask: Rle) => dropSpecks(mask, 10) },
  { name: "dropSpecks100", title: "Drop specks below 100 px", run: (mask: Rle) => dropSpecks(mask, 100) },
  { name: "dropSpecks1000", title: "Drop specks below 1000 px", run: (mask: Rle) => dropSpecks(mask, 1000) },
  { name: "keepLargest", title: "Keep the largest part", run: keepLargest },
  { name: "smooth", title: "Smooth the outline", run: (mask: Rle) => smoothMask(mask, SMOOTHING_RADIUS) },
  { name: "grow", title: "Grow by a pixel", run: growMask },
  { name: "shrink", title: "Shrink by a pixel", run: shrinkMask },
] as const;

/** Operations on saved masks; `others` when they need several to be selected. */
export const COMBININGS = [
  { name: "split", title: "Split into its parts", others: false },
  { name: "merge", title: "Merge the selected masks", others: true },
  { name: "subtract", title: "Cut the others out of it", others: true },
] as const;

export type MaskOperation = (typeof CLEANINGS)[number]["name"] | (typeof COMBININGS)[number]["name"];

/** Runs an operation of the mask menu; the state itself when it changes nothing or has nothing to work on. */
export function maskOperated(
  state: AnnotationState,
  operation: MaskOperation,
  maker: Maker,
): AnnotationState {
  if (operation === "split") return selectedSplit(state, maker);
  if (operation === "merge") return selectionMerged(state);
  if (operation === "subtract") return selectionSubtracted(state);
  const target = editTarget(state);
  const cleaning = CLEANINGS.find(({ name }) => name === operation);
  return target && cleaning ? maskEdited(state, cleaning.run(target.mask.rle), "clean_up") : state;
}

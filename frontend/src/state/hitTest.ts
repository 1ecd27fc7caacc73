import { maskContains } from "../masks/columns";
import type { AnnotationState, SavedMask } from "./annotation";
import { liesAbove } from "./depth";
import { isShown } from "./visibility";

/** The saved mask that is seen at a pixel, of those that count; null when there is none. */
export function maskAt(
  state: AnnotationState,
  x: number,
  y: number,
  counts: (mask: SavedMask) => boolean = () => true,
): SavedMask | null {
  let found: SavedMask | null = null;
  for (const mask of state.masks.values()) {
    if (!isInBox(mask, x, y) || !isShown(state, mask.id) || !counts(mask)) continue;
    if (found && !liesAbove(mask, found)) continue;
    if (maskContains(mask.mask, x, y)) found = mask;
  }
  return found;
}

function isInBox({ mask: { bbox } }: SavedMask, x: number, y: number): boolean {
  if (!bbox) return false;
  return x >= bbox.x && y >= bbox.y && x < bbox.x + bbox.width && y < bbox.y + bbox.height;
}

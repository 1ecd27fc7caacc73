import type { IndexedMask } from "../masks/columns";
import type { MaskDrawing } from "./paint";

/** The masks that look different in the second list: added, gone, in another style, or drawn in another order. */
export function changedMasks(
  before: readonly MaskDrawing[],
  after: readonly MaskDrawing[],
): ReadonlySet<IndexedMask> {
  const [looksBefore, looksAfter] = [looksOf(before), looksOf(after)];
  const changed = new Set<IndexedMask>();
  for (const mask of new Set([...looksBefore.keys(), ...looksAfter.keys()])) {
    if (looksBefore.get(mask) !== looksAfter.get(mask)) changed.add(mask);
  }
  // Of those that look alike, all between the first and the last that changed places: some overlap differently.
  const isLeft = ({ mask }: MaskDrawing) => !changed.has(mask);
  const [orderBefore, orderAfter] = [before.filter(isLeft), after.filter(isLeft)];
  const differs = (index: number) => orderBefore[index]!.mask !== orderAfter[index]!.mask;
  let [first, last] = [0, orderAfter.length - 1];
  while (first <= last && !differs(first)) first++;
  while (last > first && !differs(last)) last--;
  for (let index = first; index <= last; index++) changed.add(orderAfter[index]!.mask);
  return changed;
}

function looksOf(drawings: readonly MaskDrawing[]): Map<IndexedMask, string> {
  const looks = new Map<IndexedMask, string>();
  for (const { mask, style } of drawings) looks.set(mask, (looks.get(mask) ?? "") + JSON.stringify(style));
  return looks;
}

import { boxesMeet } from "../masks/overlap";
import type { AnnotationState, SavedMask } from "./annotation";

export type Restacking = "front" | "forward" | "backward" | "back";

// What the server stores: a small integer.
const LOWEST = -(2 ** 15);
const HIGHEST = 2 ** 15 - 1;

/** From the lowest to the topmost mask: ascending z, then the larger below; of equals the earlier made below. */
export function byDepth(a: SavedMask, b: SavedMask): number {
  return a.z - b.z || b.mask.area - a.mask.area;
}

/** Whether `a`, made after `b`, is drawn over it. */
export function liesAbove(a: SavedMask, b: SavedMask): boolean {
  return byDepth(b, a) <= 0;
}

/**
 * The masks over or under all others, or over or under the next one they overlap. Only their own z changes, so that
 * nobody else's mask does: a step may lead past others at that depth.
 */
export function masksRestacked(
  state: AnnotationState,
  ids: readonly string[],
  restacking: Restacking,
): AnnotationState {
  const moved = new Set(ids.filter((id) => state.masks.has(id) && !state.lockedIds.has(id)));
  const others = [...state.masks.values()].filter(({ id }) => !moved.has(id)).sort(byDepth);
  const masks = new Map(state.masks);
  for (const id of moved) {
    const mask = state.masks.get(id)!;
    const z = newDepth(mask, others, restacking);
    if (z !== mask.z) masks.set(id, { ...mask, z, tool: "other" });
  }
  return [...moved].some((id) => masks.get(id) !== state.masks.get(id)) ? { ...state, masks } : state;
}

/** The z nearest to the mask's own that puts it where it is wanted; `others` from the lowest to the topmost. */
function newDepth(mask: SavedMask, others: readonly SavedMask[], restacking: Restacking): number {
  const isUp = restacking === "front" || restacking === "forward";
  const passed = others.filter((other) => (isUp ? !isOver(mask, other) : !isOver(other, mask)));
  const inTheWay = passed.filter((other) => isFar(restacking) || boxesMeet(mask.mask.bbox, other.mask.bbox));
  const goal = inTheWay.at(restacking === "front" || restacking === "backward" ? -1 : 0);
  if (!goal) return mask.z;
  const level = { ...mask, z: goal.z };
  const isEnough = isUp ? isOver(level, goal) : isOver(goal, level);
  const z = isEnough ? goal.z : goal.z + (isUp ? 1 : -1);
  return Math.min(HIGHEST, Math.max(LOWEST, z));
}

function isFar(restacking: Restacking): boolean {
  return restacking === "front" || restacking === "back";
}

/** Strictly: of two masks of one depth and area the order they were made in decides, which no z shows. */
function isOver(a: SavedMask, b: SavedMask): boolean {
  return byDepth(a, b) > 0;
}

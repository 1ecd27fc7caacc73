import { masksEqual } from "../masks/combine";
import type { SavedMask } from "./annotation";

/**
 * Not part of what a person decided: time spent is rounded on its way, scores follow from the rest, a tool and what a
 * model gave before are but the way.
 */
const INCIDENTAL: ReadonlySet<string> = new Set([
  "author",
  "tool",
  "secondsSpent",
  "predictedIou",
  "stabilityScore",
  "modelSegmentation",
] satisfies (keyof SavedMask)[]);

/** Whether two versions of a mask say the same, wherever each of them came from. Null stands for no mask. */
export function sameMask(a: SavedMask | null, b: SavedMask | null): boolean {
  if (a === b) return true;
  if (!a || !b || !masksEqual(a.mask.rle, b.mask.rle)) return false;
  // By name: the server tells fields and attributes in an order of its own.
  const byName = (fields: object) =>
    Object.entries(fields).sort(([first], [second]) => (first < second ? -1 : 1));
  const told = ({ mask, attributes, ...rest }: SavedMask) =>
    byName({ ...rest, attributes: byName(attributes) }).filter(([name]) => !INCIDENTAL.has(name));
  return JSON.stringify(told(a)) === JSON.stringify(told(b));
}

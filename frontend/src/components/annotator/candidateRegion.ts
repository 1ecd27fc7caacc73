import type { Bbox } from "../../masks/rle";
import type { Candidate } from "../../state/annotation";

/** The smallest box around all candidates' pixels, or null when they have none. */
export function unionBox(candidates: readonly Candidate[]): Bbox | null {
  const boxes = candidates.flatMap(({ mask }) => (mask.bbox ? [mask.bbox] : []));
  if (boxes.length === 0) return null;
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

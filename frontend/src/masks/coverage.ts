import type { Size } from "../geometry/size";
import { forEachStretch, type IndexedMask } from "./columns";

/** Where the image lies on a pixel grid: its corner, and how many grid pixels one image pixel is wide. */
export interface Placement {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/**
 * The part of a pixel grid a mask covers, as runs of each row: a mask that follows the pointer is half a million pixels,
 * and has a few milliseconds; its runs are a few thousand.
 */
export interface Coverage {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly rows: readonly Row[];
}

/** Ascending columns, counted from the coverage's left, at which a row comes to lie in the mask and leaves it again. */
export type Row = readonly number[];

const EMPTY: Row = [];

/**
 * Samples a mask on a pixel grid: a grid pixel is inside when the image pixel under its centre is. At one grid
 * pixel per image pixel, with the corner on a whole pixel, the result is the mask itself. Null when nothing of
 * the mask's box lies on the grid.
 */
export function coverMask(mask: IndexedMask, placement: Placement, grid: Size): Coverage | null {
  const { bbox } = mask;
  if (bbox === null) return null;
  const { scale } = placement;
  // The first grid pixel whose centre lies at or after an image coordinate.
  const columnOf = (x: number) => Math.ceil(x * scale + placement.left - 0.5);
  const rowOf = (y: number) => Math.ceil(y * scale + placement.top - 0.5);
  const imageColumnOf = (x: number) =>
    Math.min(mask.rle.size.width - 1, Math.max(0, Math.floor((x + 0.5 - placement.left) / scale)));
  const left = Math.max(0, columnOf(bbox.x));
  const right = Math.min(grid.width, columnOf(bbox.x + bbox.width));
  const top = Math.max(0, rowOf(bbox.y));
  const bottom = Math.min(grid.height, rowOf(bbox.y + bbox.height));
  if (left >= right || top >= bottom) return null;
  const [width, height] = [right - left, bottom - top];
  const rows: number[][] = Array.from({ length: height }, () => []);
  const crossAt = (x: number) => (from: number, to: number) => {
    for (let row = from; row < to; row++) rows[row]!.push(x);
  };
  let before: number[] = [];
  let x = left;
  while (x < right) {
    // Enlarged, several columns of the grid show one of the image.
    const column = imageColumnOf(x);
    const first = x - left;
    do x++;
    while (x < right && imageColumnOf(x) === column);
    const stretches: number[] = [];
    forEachStretch(mask, column, (a, b) => {
      const from = Math.max(0, rowOf(a) - top);
      const to = Math.min(height, rowOf(b) - top);
      if (from < to) stretches.push(from, to);
    });
    forEachDifference(before, stretches, crossAt(first));
    before = stretches;
  }
  forEachDifference(before, [], crossAt(width));
  return { left, top, width, height, rows };
}

/** Calls `visit` with the stretches that lie in one of two columns and not in the other. */
function forEachDifference(
  one: readonly number[],
  other: readonly number[],
  visit: (from: number, to: number) => void,
): void {
  let [i, j, start] = [0, 0, -1];
  while (i < one.length || j < other.length) {
    const [a, b] = [one[i] ?? Infinity, other[j] ?? Infinity];
    if (a <= b) i++;
    if (b <= a) j++;
    if (a === b) continue;
    const at = Math.min(a, b);
    if (start < 0) start = at;
    else {
      visit(start, at);
      start = -1;
    }
  }
}

/**
 * A coverage in two: its `outline`, the pixels within `thickness` pixels (along the axes) of the outside, and its `core`.
 * What lies beyond the coverage counts as outside: cover more than is looked at where the mask goes on.
 */
export function splitOutline(coverage: Coverage, thickness: number): { outline: Coverage; core: Coverage } {
  const { rows } = coverage;
  const core = rows.map((row, y) => {
    let left = shrunk(row, thickness);
    for (let step = 1; step <= thickness && left.length > 0; step++) {
      left = intersection(intersection(left, rows[y - step] ?? EMPTY), rows[y + step] ?? EMPTY);
    }
    return left;
  });
  const outline = rows.map((row, y) => difference(row, core[y]!));
  return { outline: { ...coverage, rows: outline }, core: { ...coverage, rows: core } };
}

function shrunk(row: Row, by: number): Row {
  const left: number[] = [];
  for (let i = 0; i < row.length; i += 2) {
    if (row[i]! + by < row[i + 1]! - by) left.push(row[i]! + by, row[i + 1]! - by);
  }
  return left;
}

function intersection(one: Row, other: Row): Row {
  const found: number[] = [];
  let [i, j] = [0, 0];
  while (i < one.length && j < other.length) {
    const start = Math.max(one[i]!, other[j]!);
    const end = Math.min(one[i + 1]!, other[j + 1]!);
    if (start < end) found.push(start, end);
    if (one[i + 1]! < other[j + 1]!) i += 2;
    else j += 2;
  }
  return found;
}

function difference(row: Row, part: Row): Row {
  const left: number[] = [];
  forEachDifference(row, part, (start, end) => left.push(start, end));
  return left;
}

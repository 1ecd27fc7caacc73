import type { Size } from "../geometry/size";
import { rleArea, rleBbox, type Bbox, type Rle } from "./rle";

/** A mask made ready for drawing and hit-testing: where every column's runs begin is known. */
export interface IndexedMask {
  readonly rle: Rle;
  readonly bbox: Bbox | null;
  readonly area: number;
  /** Per column: the run its first pixel lies in, and the position at which that run begins. */
  readonly columnRun: Uint32Array;
  readonly columnRunStart: Uint32Array;
}

export function indexMask(rle: Rle): IndexedMask {
  const { height, width } = rle.size;
  const columnRun = new Uint32Array(width);
  const columnRunStart = new Uint32Array(width);
  let run = 0;
  let runStart = 0;
  for (let x = 0; x < width; x++) {
    const position = x * height;
    while (run < rle.counts.length - 1 && runStart + rle.counts[run]! <= position) {
      runStart += rle.counts[run]!;
      run += 1;
    }
    columnRun[x] = run;
    columnRunStart[x] = runStart;
  }
  return { rle, bbox: rleBbox(rle), area: rleArea(rle), columnRun, columnRunStart };
}

/** Calls `visit` with every stretch [first row, row after the last) of mask pixels in one column. */
export function forEachStretch(
  mask: IndexedMask,
  column: number,
  visit: (start: number, end: number) => void,
): void {
  const { counts, size } = mask.rle;
  const columnStart = column * size.height;
  const columnEnd = columnStart + size.height;
  let run = mask.columnRun[column]!;
  let start = mask.columnRunStart[column]!;
  while (run < counts.length && start < columnEnd) {
    const end = start + counts[run]!;
    if (run % 2 === 1 && end > columnStart) {
      visit(Math.max(start, columnStart) - columnStart, Math.min(end, columnEnd) - columnStart);
    }
    start = end;
    run += 1;
  }
}

/** Whether the pixel (x, y) belongs to the mask; false outside the image. */
export function maskContains(mask: IndexedMask, x: number, y: number): boolean {
  const { height, width }: Size = mask.rle.size;
  if (x < 0 || y < 0 || x >= width || y >= height) return false;
  let inside = false;
  forEachStretch(mask, x, (start, end) => {
    if (y >= start && y < end) inside = true;
  });
  return inside;
}

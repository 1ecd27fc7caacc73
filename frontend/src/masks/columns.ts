import { rleArea, rleBbox, type Bbox, type Rle } from "./rle";

/** A mask made ready for drawing and hit-testing: where every column's runs begin is known. */
export interface IndexedMask {
  readonly rle: Rle;
  readonly bbox: Bbox | null;
  readonly area: number;
  /**
   * Per column of the box, for a thousand small masks on a large image cost little: the run that the column's first
   * pixel lies in, and the position at which that run begins.
   */
  readonly columnRun: Uint32Array;
  readonly columnRunStart: Uint32Array;
}

export function indexMask(rle: Rle): IndexedMask {
  const { height } = rle.size;
  const bbox = rleBbox(rle);
  const columnRun = new Uint32Array(bbox?.width ?? 0);
  const columnRunStart = new Uint32Array(bbox?.width ?? 0);
  let run = 0;
  let runStart = 0;
  for (let index = 0; index < columnRun.length; index++) {
    const position = (bbox!.x + index) * height;
    while (run < rle.counts.length - 1 && runStart + rle.counts[run]! <= position) {
      runStart += rle.counts[run]!;
      run += 1;
    }
    columnRun[index] = run;
    columnRunStart[index] = runStart;
  }
  return { rle, bbox, area: rleArea(rle), columnRun, columnRunStart };
}

/** Calls `visit` with every stretch [first row, row after the last) of mask pixels in one column. */
export function forEachStretch(
  { rle, bbox, columnRun, columnRunStart }: IndexedMask,
  column: number,
  visit: (start: number, end: number) => void,
): void {
  const index = bbox === null ? -1 : column - bbox.x;
  if (index < 0 || index >= columnRun.length) return;
  const { counts, size } = rle;
  const columnStart = column * size.height;
  const columnEnd = columnStart + size.height;
  let run = columnRun[index]!;
  let start = columnRunStart[index]!;
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
  const { bbox } = mask;
  if (!bbox || x < bbox.x || y < bbox.y || x >= bbox.x + bbox.width || y >= bbox.y + bbox.height)
    return false;
  let inside = false;
  forEachStretch(mask, x, (start, end) => {
    if (y >= start && y < end) inside = true;
  });
  return inside;
}

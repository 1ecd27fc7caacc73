import type { Size } from "../geometry/size";
import { forEachStretch, type IndexedMask } from "./columns";

/** Where the image lies on a pixel grid: its corner, and how many grid pixels one image pixel is wide. */
export interface Placement {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/** The part of a pixel grid a mask covers: one byte per pixel, column-major, 1 inside the mask. */
export interface Coverage {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

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
  const left = Math.max(0, columnOf(bbox.x));
  const right = Math.min(grid.width, columnOf(bbox.x + bbox.width));
  const top = Math.max(0, rowOf(bbox.y));
  const bottom = Math.min(grid.height, rowOf(bbox.y + bbox.height));
  if (left >= right || top >= bottom) return null;
  const height = bottom - top;
  const pixels = new Uint8Array((right - left) * height);
  let previousColumn = -1;
  for (let x = left; x < right; x++) {
    const start = (x - left) * height;
    const column = Math.min(
      mask.rle.size.width - 1,
      Math.max(0, Math.floor((x + 0.5 - placement.left) / scale)),
    );
    if (column === previousColumn) {
      pixels.copyWithin(start, start - height, start);
      continue;
    }
    previousColumn = column;
    forEachStretch(mask, column, (a, b) => {
      const from = Math.max(0, rowOf(a) - top);
      const to = Math.min(height, rowOf(b) - top);
      if (from < to) pixels.fill(1, start + from, start + to);
    });
  }
  return { left, top, width: right - left, height, pixels };
}

export type Visit = (x: number, y: number, isOutline: boolean) => void;

/**
 * Calls `visit` with every covered pixel and whether it lies within `thickness` pixels (along the axes) of the mask's
 * outline. What lies beyond the coverage counts as outside: cover more than is looked at where the mask goes on.
 */
export function forEachCovered(coverage: Coverage, thickness: number, visit: Visit): void {
  const { pixels, height, width } = coverage;
  // How many covered pixels end here going right, per row.
  const before = new Int32Array(height);
  const isEdgeOnRight = (x: number, at: number) => {
    for (let step = 1; step <= thickness; step++) {
      if (x + step >= width || pixels[at + step * height] === 0) return true;
    }
    return false;
  };
  for (let x = 0; x < width; x++) {
    const column = x * height;
    let y = 0;
    while (y < height) {
      if (pixels[column + y] === 0) {
        before[y++] = 0;
        continue;
      }
      const start = y;
      while (y < height && pixels[column + y] === 1) y++;
      for (let row = start; row < y; row++) {
        const left = ++before[row]!;
        const isOutline =
          left <= thickness ||
          row - start < thickness ||
          y - row <= thickness ||
          isEdgeOnRight(x, column + row);
        visit(x, row, isOutline);
      }
    }
  }
}

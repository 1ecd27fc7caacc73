import type { Size } from "../geometry/size";
import { forEachStretch, type IndexedMask } from "./columns";

/** Where the image lies on a pixel grid: its corner, and how many grid pixels one image pixel is wide. */
export interface Placement {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/** The part of a pixel grid a mask covers: one byte per pixel, row by row, OUTSIDE or INSIDE. */
export interface Coverage {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

export const OUTSIDE = 0;
export const INSIDE = 1;
export const OUTLINE = 2;

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
  const pixels = new Uint8Array(width * height);
  let x = left;
  while (x < right) {
    // Enlarged, several columns of the grid show one of the image.
    const column = imageColumnOf(x);
    const first = x - left;
    do x++;
    while (x < right && imageColumnOf(x) === column);
    const end = x - left;
    forEachStretch(mask, column, (a, b) => {
      const from = Math.max(0, rowOf(a) - top);
      const to = Math.min(height, rowOf(b) - top);
      for (let start = from * width; start < to * width; start += width) {
        for (let at = start + first; at < start + end; at++) pixels[at] = INSIDE;
      }
    });
  }
  return { left, top, width, height, pixels };
}

/**
 * Makes those pixels inside OUTLINE that lie within `thickness` pixels (along the axes) of the outside. What lies beyond
 * the coverage counts as outside: cover more than is looked at where the mask goes on.
 *
 * Twice through the rows with a count for each column, and no look at neighbours: a mask that follows the pointer is
 * half a million pixels, and has a few milliseconds.
 */
export function markOutline({ pixels, width, height }: Coverage, thickness: number): void {
  const above = new Uint16Array(width);
  for (let row = 0; row < pixels.length; row += width) {
    let before = 0;
    for (let x = 0; x < width; x++) {
      if (pixels[row + x] === OUTSIDE) {
        above[x] = 0;
        before = 0;
      } else {
        const isNearTop = ++above[x]! <= thickness;
        const isNearLeft = ++before <= thickness;
        if (isNearTop || isNearLeft) pixels[row + x] = OUTLINE;
      }
    }
  }
  const below = new Uint16Array(width);
  for (let row = (height - 1) * width; row >= 0; row -= width) {
    let after = 0;
    for (let x = width - 1; x >= 0; x--) {
      if (pixels[row + x] === OUTSIDE) {
        below[x] = 0;
        after = 0;
      } else {
        const isNearBottom = ++below[x]! <= thickness;
        const isNearRight = ++after <= thickness;
        if (isNearBottom || isNearRight) pixels[row + x] = OUTLINE;
      }
    }
  }
}

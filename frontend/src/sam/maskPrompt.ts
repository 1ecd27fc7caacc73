import type { ModelFrame } from "../geometry/frames";
import type { Size } from "../geometry/size";
import type { Rle } from "../masks/rle";
import { columnStretches } from "../masks/stretches";

/** Logits of a mask that no decoder made: about as sure as the decoder is well inside and outside of its own. */
const CERTAINTY = 10;

/**
 * A mask as the decoder's mask prompt: [L, L] logits, row-major, of a mask at the original size. A cell is
 * threshold + 10 where the mask covers at least half of the cell's part of the image, else threshold - 10, as in the padding.
 */
export function maskPromptLogits(
  mask: Rle,
  lowRes: Size,
  frame: ModelFrame,
  threshold: number,
): Float32Array {
  const { original, resized, side } = frame;
  // A cell's size in original pixels.
  const cellHeight = (side / lowRes.height) * (original.height / resized.height);
  const cellWidth = (side / lowRes.width) * (original.width / resized.width);
  const covered = new Float64Array(lowRes.height * lowRes.width);
  const { columnStart, from, to } = columnStretches(mask);
  for (let x = 0; x < original.width; x++) {
    if (columnStart[x] === columnStart[x + 1]) continue;
    forEachCell(x, x + 1, cellWidth, lowRes.width, (column, share) => {
      for (let index = columnStart[x]!; index < columnStart[x + 1]!; index++) {
        forEachCell(from[index]!, to[index]!, cellHeight, lowRes.height, (row, rows) => {
          covered[row * lowRes.width + column]! += share * rows;
        });
      }
    });
  }
  return Float32Array.from(covered, (area, index) => {
    const row = Math.floor(index / lowRes.width);
    const column = index % lowRes.width;
    const height = Math.min(cellHeight, original.height - row * cellHeight);
    const width = Math.min(cellWidth, original.width - column * cellWidth);
    const isInside = height > 0 && width > 0 && area >= (height * width) / 2;
    return threshold + (isInside ? CERTAINTY : -CERTAINTY);
  });
}

/** The cells that the stretch [start, end) reaches into, and how many pixels of it lie in each. */
function forEachCell(
  start: number,
  end: number,
  cell: number,
  count: number,
  visit: (index: number, pixels: number) => void,
): void {
  const last = Math.min(count - 1, Math.ceil(end / cell) - 1);
  for (let index = Math.floor(start / cell); index <= last; index++) {
    visit(index, Math.min(end, (index + 1) * cell) - Math.max(start, index * cell));
  }
}

import { invertMask, unionMasks } from "./combine";
import { rleBbox, RunWriter, type Rle } from "./rle";
import { columnStretches, StretchWriter, type ColumnStretches } from "./stretches";

/** The mask and every pixel that shares an edge with it. */
export function growMask(mask: Rle): Rle {
  const sideways = unionMasks(shiftColumns(mask, 1), shiftColumns(mask, -1));
  return unionMasks(sideways, growColumns(mask));
}

/** The mask without the pixels that share an edge with the background; the image's border takes nothing away. */
export function shrinkMask(mask: Rle): Rle {
  return invertMask(growMask(invertMask(mask)));
}

/**
 * Rounds off what is thinner than about `radius` pixels: every pixel becomes what most pixels of the square of side
 * 2 * radius + 1 around it are, within the image; where they are even it stays. Works on the mask's box, one column
 * at a time.
 */
export function smoothMask(mask: Rle, radius: number): Rle {
  const { height, width } = mask.size;
  const box = rleBbox(mask);
  const writer = new StretchWriter(mask.size);
  if (!box) return mask;
  const stretches = columnStretches(mask);
  const [top, bottom] = [Math.max(0, box.y - radius), Math.min(height, box.y + box.height + radius)];
  const [left, right] = [Math.max(0, box.x - radius), Math.min(width, box.x + box.width + radius)];
  // How many pixels of each row's window are in the mask, as the steps from row to row.
  const steps = new Int32Array(height + 1);
  const above = new Int32Array(height + 1);
  const isMask = new Uint8Array(height);
  for (let x = left - radius; x < left + radius; x++) addColumn(stretches, x, 1, steps);
  for (let x = left; x < right; x++) {
    addColumn(stretches, x + radius, 1, steps);
    addColumn(stretches, x - radius - 1, -1, steps);
    const columns = Math.min(width, x + radius + 1) - Math.max(0, x - radius);
    isMask.fill(0);
    for (let index = stretches.columnStart[x]!; index < stretches.columnStart[x + 1]!; index++) {
      isMask.fill(1, stretches.from[index], stretches.to[index]);
    }
    let count = 0;
    for (let y = 0; y < height; y++) {
      count += steps[y]!;
      above[y + 1] = above[y]! + count;
    }
    let from = -1;
    for (let y = top; y < bottom; y++) {
      const [first, last] = [Math.max(0, y - radius), Math.min(height, y + radius + 1)];
      const twice = 2 * (above[last]! - above[first]!);
      const all = columns * (last - first);
      const isIn = twice > all || (twice === all && isMask[y] === 1);
      if (isIn && from < 0) from = y;
      if (!isIn && from >= 0) {
        writer.add(x, from, y);
        from = -1;
      }
    }
    if (from >= 0) writer.add(x, from, bottom);
  }
  return writer.finish();
}

function addColumn(stretches: ColumnStretches, column: number, by: 1 | -1, steps: Int32Array): void {
  if (column < 0 || column >= stretches.size.width) return;
  for (let index = stretches.columnStart[column]!; index < stretches.columnStart[column + 1]!; index++) {
    steps[stretches.from[index]!]! += by;
    steps[stretches.to[index]!]! -= by;
  }
}

/** Moves the mask one column to the right (1) or left (-1); what leaves the image is gone. */
function shiftColumns({ size, counts }: Rle, by: 1 | -1): Rle {
  const writer = new RunWriter();
  const total = size.height * size.width;
  const shift = by * size.height;
  if (by === 1) writer.push(0, size.height);
  let position = shift;
  counts.forEach((count, index) => {
    const [start, end] = [Math.max(0, position), Math.min(total, position + count)];
    if (end > start) writer.push(index % 2 === 1 ? 1 : 0, end - start);
    position += count;
  });
  if (by === -1) writer.push(0, size.height);
  return writer.finish(size);
}

/** Every stretch one pixel longer at both ends. */
function growColumns(mask: Rle): Rle {
  const { size, columnStart, from, to } = columnStretches(mask);
  const writer = new StretchWriter(size);
  for (let x = 0; x < size.width; x++) {
    for (let index = columnStart[x]!; index < columnStart[x + 1]!; index++) {
      writer.add(x, from[index]! - 1, to[index]! + 1);
    }
  }
  return writer.finish();
}

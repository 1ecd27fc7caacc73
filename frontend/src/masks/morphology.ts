import { invertMask, unionMasks } from "./combine";
import { RunWriter, type Rle } from "./rle";
import { columnStretches, StretchWriter } from "./stretches";

/** The mask and every pixel that shares an edge with it. */
export function growMask(mask: Rle): Rle {
  const sideways = unionMasks(shiftColumns(mask, 1), shiftColumns(mask, -1));
  return unionMasks(sideways, growColumns(mask));
}

/** The mask without the pixels that share an edge with the background; the image's border takes nothing away. */
export function shrinkMask(mask: Rle): Rle {
  return invertMask(growMask(invertMask(mask)));
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

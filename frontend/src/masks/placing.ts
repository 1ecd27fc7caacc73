import type { Size } from "../geometry/size";
import type { Rle } from "./rle";
import { columnStretches, StretchWriter } from "./stretches";

/** The mask on an image of another size: a pixel belongs to it when the pixel of the old image at its centre does. */
export function resizeMask(mask: Rle, size: Size): Rle {
  const stretches = columnStretches(mask);
  const [across, down] = [mask.size.width / size.width, size.height / mask.size.height];
  const writer = new StretchWriter(size);
  for (let x = 0; x < size.width; x++) {
    const column = Math.min(mask.size.width - 1, Math.floor((x + 0.5) * across));
    for (let index = stretches.columnStart[column]!; index < stretches.columnStart[column + 1]!; index++) {
      // The first row whose centre lies at or after an edge of the old image.
      const row = (edge: number) => Math.ceil(edge * down - 0.5);
      writer.add(x, row(stretches.from[index]!), row(stretches.to[index]!));
    }
  }
  return writer.finish();
}

/** The mask moved by whole pixels to the right and down, on an image of `size`; what leaves the image is gone. */
export function shiftMask(mask: Rle, right: number, down: number, size: Size = mask.size): Rle {
  const stretches = columnStretches(mask);
  const writer = new StretchWriter(size);
  for (let x = Math.max(0, right); x < Math.min(size.width, mask.size.width + right); x++) {
    const column = x - right;
    for (let index = stretches.columnStart[column]!; index < stretches.columnStart[column + 1]!; index++) {
      writer.add(x, stretches.from[index]! + down, stretches.to[index]! + down);
    }
  }
  return writer.finish();
}

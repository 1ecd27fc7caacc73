import { windowSize } from "../geometry/crops";
import type { ImageBox } from "../geometry/boxes";
import type { Size } from "../geometry/size";
import type { Rle } from "./rle";
import { columnStretches, StretchWriter } from "./stretches";

/** A mask of a window as a mask of the whole image, empty around the window. */
export function placeMask(mask: Rle, window: ImageBox, image: Size): Rle {
  return moved(mask, window.x0, window.y0, image);
}

/** The part of an image's mask that lies in a window, as a mask of the window. */
export function cutMask(mask: Rle, window: ImageBox): Rle {
  return moved(mask, -window.x0, -window.y0, windowSize(window));
}

/** The mask's pixels moved right and down on a canvas of another size; what falls off is gone. */
function moved(mask: Rle, right: number, down: number, size: Size): Rle {
  const { columnStart, from, to } = columnStretches(mask);
  const writer = new StretchWriter(size);
  const first = Math.max(0, -right);
  const last = Math.min(mask.size.width, size.width - right);
  for (let x = first; x < last; x++) {
    for (let index = columnStart[x]!; index < columnStart[x + 1]!; index++) {
      writer.add(x + right, from[index]! + down, to[index]! + down);
    }
  }
  return writer.finish();
}

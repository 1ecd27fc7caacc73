import { windowSize } from "../geometry/crops";
import type { ImageBox } from "../geometry/boxes";
import type { Size } from "../geometry/size";
import { shiftMask } from "./placing";
import type { Rle } from "./rle";

/** A mask of a window as a mask of the whole image, empty around the window. */
export function placeMask(mask: Rle, window: ImageBox, image: Size): Rle {
  return shiftMask(mask, window.x0, window.y0, image);
}

/** The part of an image's mask that lies in a window, as a mask of the window. */
export function cutMask(mask: Rle, window: ImageBox): Rle {
  return shiftMask(mask, -window.x0, -window.y0, windowSize(window));
}

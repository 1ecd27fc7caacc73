import { imagePoint, type ImagePoint } from "./points";
import type { Size } from "./size";

/** XYXY in original image pixels, x0 <= x1 and y0 <= y1. */
export interface ImageBox {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** The box spanned by two opposite corners, in whichever order they were dragged. */
export function boxFromCorners(a: ImagePoint, b: ImagePoint): ImageBox {
  return {
    x0: Math.min(a.x, b.x),
    y0: Math.min(a.y, b.y),
    x1: Math.max(a.x, b.x),
    y1: Math.max(a.y, b.y),
  };
}

/**
 * The box clipped to the image and rounded outwards-in to whole pixels, as prompts are stored.
 * Returns null when nothing of it lies on the image or a side is shorter than one pixel.
 */
export function boxOnImage(box: ImageBox, image: Size): ImageBox | null {
  const clipped = {
    x0: Math.round(Math.max(0, box.x0)),
    y0: Math.round(Math.max(0, box.y0)),
    x1: Math.round(Math.min(image.width, box.x1)),
    y1: Math.round(Math.min(image.height, box.y1)),
  };
  return clipped.x1 - clipped.x0 >= 1 && clipped.y1 - clipped.y0 >= 1 ? clipped : null;
}

export function boxCorners(box: ImageBox): readonly [ImagePoint, ImagePoint] {
  return [imagePoint(box.x0, box.y0), imagePoint(box.x1, box.y1)];
}

/** Whether all of the inner box lies in the outer one. */
export function boxHolds(outer: ImageBox, inner: ImageBox): boolean {
  return inner.x0 >= outer.x0 && inner.y0 >= outer.y0 && inner.x1 <= outer.x1 && inner.y1 <= outer.y1;
}

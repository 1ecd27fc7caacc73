import type { ImageBox } from "./boxes";
import { imagePoint, type ImagePoint } from "./points";
import type { Size } from "./size";

// A window of the image that is embedded on its own, so that a small object fills the model's grid. Whole pixels.

/** The window's side in units of the box's longer one: the surroundings a mask is judged against. */
const SURROUNDINGS = 2;
const SMALLEST_SIDE = 64;
/** A window of more than this share of the image's long side shows hardly more than the image itself. */
const LARGEST_SHARE = 0.5;
/** Sides and corners lie on grids, so that almost the same box, or a colleague's, finds the window that is there. */
const SIDE_STEP = 32;
const CORNER_STEP = 8;

/** The square window around a box, moved inside the image; null where the object is large enough without. */
export function cropWindow(box: ImageBox, image: Size): ImageBox | null {
  const longest = SURROUNDINGS * Math.max(box.x1 - box.x0, box.y1 - box.y0);
  const side = Math.max(SMALLEST_SIDE, Math.ceil(longest / SIDE_STEP) * SIDE_STEP);
  if (side > LARGEST_SHARE * Math.max(image.height, image.width)) return null;
  const [x0, x1] = span((box.x0 + box.x1) / 2, side, image.width);
  const [y0, y1] = span((box.y0 + box.y1) / 2, side, image.height);
  return { x0, y0, x1, y1 };
}

function span(centre: number, side: number, limit: number): readonly [number, number] {
  const length = Math.min(side, limit);
  const start = Math.floor((centre - side / 2) / CORNER_STEP) * CORNER_STEP;
  const inside = Math.min(Math.max(0, start), limit - length);
  return [inside, inside + length];
}

export function windowSize(window: ImageBox): Size {
  return { height: window.y1 - window.y0, width: window.x1 - window.x0 };
}

/** A point of the image in the window's own pixels; it may lie outside. */
export function pointInWindow(window: ImageBox, point: ImagePoint): ImagePoint {
  return imagePoint(point.x - window.x0, point.y - window.y0);
}

/** The part of a box that lies in the window, in the window's own pixels. */
export function boxInWindow(window: ImageBox, box: ImageBox): ImageBox {
  const { height, width } = windowSize(window);
  const clamp = (value: number, limit: number) => Math.min(Math.max(0, value), limit);
  return {
    x0: clamp(box.x0 - window.x0, width),
    y0: clamp(box.y0 - window.y0, height),
    x1: clamp(box.x1 - window.x0, width),
    y1: clamp(box.y1 - window.y0, height),
  };
}

export function windowContains(window: ImageBox, point: ImagePoint): boolean {
  return point.x >= window.x0 && point.x < window.x1 && point.y >= window.y0 && point.y < window.y1;
}

export function boxInside(window: ImageBox, box: ImageBox): boolean {
  return box.x0 >= window.x0 && box.y0 >= window.y0 && box.x1 <= window.x1 && box.y1 <= window.y1;
}

/** As the API's addresses spell a window. */
export function windowName({ x0, y0, x1, y1 }: ImageBox): string {
  return [x0, y0, x1, y1].join("-");
}

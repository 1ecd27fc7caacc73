import { boxOnImage, type ImageBox } from "./boxes";
import { imagePoint, type ImagePoint } from "./points";
import type { Size } from "./size";

/** Corners and middles of sides by compass; `edge` is the rest of the outline, which moves the box. */
export const RESIZING_HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"] as const;
export type ResizingHandle = (typeof RESIZING_HANDLES)[number];
export type BoxHandle = ResizingHandle | "edge";

export function boxHandlePoint({ x0, y0, x1, y1 }: ImageBox, handle: ResizingHandle): ImagePoint {
  const x = handle.includes("w") ? x0 : handle.includes("e") ? x1 : (x0 + x1) / 2;
  const y = handle.includes("n") ? y0 : handle.includes("s") ? y1 : (y0 + y1) / 2;
  return imagePoint(x, y);
}

/**
 * The box with a handle dragged from one point to another: whole pixels, on the image, at least one pixel wide. A
 * side pulled past the opposite one turns the box over; a box that is moved keeps its size.
 */
export function boxDragged(
  box: ImageBox,
  handle: BoxHandle,
  from: ImagePoint,
  to: ImagePoint,
  image: Size,
): ImageBox {
  const [dx, dy] = [Math.round(to.x - from.x), Math.round(to.y - from.y)];
  if (handle === "edge") return shifted(box, dx, dy, image);
  const [x0, x1] = [box.x0 + (handle.includes("w") ? dx : 0), box.x1 + (handle.includes("e") ? dx : 0)];
  const [y0, y1] = [box.y0 + (handle.includes("n") ? dy : 0), box.y1 + (handle.includes("s") ? dy : 0)];
  const turned = { x0: Math.min(x0, x1), y0: Math.min(y0, y1), x1: Math.max(x0, x1), y1: Math.max(y0, y1) };
  return boxOnImage(turned, image) ?? box;
}

function shifted(box: ImageBox, dx: number, dy: number, image: Size): ImageBox {
  const right = Math.min(image.width - box.x1, Math.max(-box.x0, dx));
  const down = Math.min(image.height - box.y1, Math.max(-box.y0, dy));
  return { x0: box.x0 + right, y0: box.y0 + down, x1: box.x1 + right, y1: box.y1 + down };
}

/** Distance from a point to the box's outline, in the box's unit. */
export function distanceToOutline({ x0, y0, x1, y1 }: ImageBox, { x, y }: ImagePoint): number {
  const outside = Math.hypot(Math.max(x0 - x, 0, x - x1), Math.max(y0 - y, 0, y - y1));
  return outside > 0 ? outside : Math.min(x - x0, x1 - x, y - y0, y1 - y);
}

import { boxOnImage, type ImageBox } from "./boxes";
import type { Size } from "./size";
import { viewPoint, type ViewPoint } from "./points";

/**
 * Where the image lies on the canvas: the image's top left corner is at (left, top) in CSS pixels and one
 * image pixel is `scale` CSS pixels wide.
 */
export interface Viewport {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/** The most a pixel is magnified, in CSS pixels. */
export const LARGEST_SCALE = 40;
/** A small image is not magnified beyond this to fill the canvas. */
const LARGEST_FIT = 3;
/** An image may be shrunk to this share of the fitting scale, not further. */
const SMALLEST_SHARE_OF_FIT = 0.25;
/** How much of the image stays on the canvas when it is pushed away, in CSS pixels. */
const KEPT_VISIBLE = 60;

/** The whole image, centred, with `margin` CSS pixels around it; small ones are magnified, up to a point. */
export function fitViewport(image: Size, view: Size, margin = 24): Viewport {
  const scale = Math.min(
    LARGEST_FIT,
    Math.max(1, view.width - 2 * margin) / image.width,
    Math.max(1, view.height - 2 * margin) / image.height,
  );
  return centred(image, view, scale);
}

/** One image pixel on exactly one device pixel, centred. */
export function actualSizeViewport(image: Size, view: Size, devicePixelRatio: number): Viewport {
  return snapped(centred(image, view, 1 / devicePixelRatio), devicePixelRatio);
}

/** Zooms by `factor`, keeping the image point under `pointer` where it is. */
export function zoomedAt(
  viewport: Viewport,
  pointer: ViewPoint,
  factor: number,
  image: Size,
  view: Size,
): Viewport {
  const smallest = fitViewport(image, view).scale * SMALLEST_SHARE_OF_FIT;
  const scale = Math.min(LARGEST_SCALE, Math.max(smallest, viewport.scale * factor));
  const ratio = scale / viewport.scale;
  return {
    scale,
    left: pointer.x - (pointer.x - viewport.left) * ratio,
    top: pointer.y - (pointer.y - viewport.top) * ratio,
  };
}

/** Moves the image by CSS pixels, keeping a strip of it on the canvas. */
export function panned(viewport: Viewport, dx: number, dy: number, image: Size, view: Size): Viewport {
  const clamp = (value: number, drawn: number, room: number) =>
    Math.min(room - KEPT_VISIBLE, Math.max(KEPT_VISIBLE - drawn, value));
  return {
    scale: viewport.scale,
    left: clamp(viewport.left + dx, image.width * viewport.scale, view.width),
    top: clamp(viewport.top + dy, image.height * viewport.scale, view.height),
  };
}

/**
 * The same viewport with its corner on a device pixel, so that at 1:1 every image pixel is exactly one
 * canvas pixel instead of being smeared over two.
 */
export function snapped(viewport: Viewport, devicePixelRatio: number): Viewport {
  return {
    scale: viewport.scale,
    left: Math.round(viewport.left * devicePixelRatio) / devicePixelRatio,
    top: Math.round(viewport.top * devicePixelRatio) / devicePixelRatio,
  };
}

/** The whole pixels of the image that lie on the canvas, null when none does. */
export function visibleRegion(viewport: Viewport, view: Size, image: Size): ImageBox | null {
  const { scale, left, top } = viewport;
  return boxOnImage(
    { x0: -left / scale, y0: -top / scale, x1: (view.width - left) / scale, y1: (view.height - top) / scale },
    image,
  );
}

export function viewCentre(view: Size): ViewPoint {
  return viewPoint(view.width / 2, view.height / 2);
}

function centred(image: Size, view: Size, scale: number): Viewport {
  return {
    scale,
    left: (view.width - image.width * scale) / 2,
    top: (view.height - image.height * scale) / 2,
  };
}

import {
  imagePoint,
  modelPoint,
  viewPoint,
  type ImagePoint,
  type ModelPoint,
  type ViewPoint,
} from "./points";
import type { Size } from "./size";
import type { Viewport } from "./viewport";

/**
 * How an image becomes the model's input: resized so that its long side is `side`, then padded right and
 * below to a square.
 */
export interface ModelFrame {
  readonly original: Size;
  /** The resized, unpadded size. */
  readonly resized: Size;
  readonly side: number;
}

/**
 * The frame of an image for a model input of `side` pixels: scale = side / long side, every new side is
 * int(old * scale + 0.5) (spec section 1), and at least 1, so that an extremely long strip stays an image.
 */
export function modelFrame(original: Size, side: number): ModelFrame {
  const scale = side / Math.max(original.height, original.width);
  return {
    original,
    resized: {
      height: Math.max(1, Math.floor(original.height * scale + 0.5)),
      width: Math.max(1, Math.floor(original.width * scale + 0.5)),
    },
    side,
  };
}

/** A prompt coordinate in the model's frame; no half-pixel term, the prompt encoder adds its own. */
export function imageToModel(frame: ModelFrame, point: ImagePoint): ModelPoint {
  return modelPoint(
    point.x * (frame.resized.width / frame.original.width),
    point.y * (frame.resized.height / frame.original.height),
  );
}

export function viewToImage(viewport: Viewport, point: ViewPoint): ImagePoint {
  return imagePoint((point.x - viewport.left) / viewport.scale, (point.y - viewport.top) / viewport.scale);
}

export function imageToView(viewport: Viewport, point: ImagePoint): ViewPoint {
  return viewPoint(point.x * viewport.scale + viewport.left, point.y * viewport.scale + viewport.top);
}

/**
 * The pixel a continuous image coordinate lies in, or null outside the image. Prompts are whole pixel
 * indices: the model adds 0.5 itself to reach the pixel's centre.
 */
export function pixelAt(point: ImagePoint, image: Size): ImagePoint | null {
  const x = Math.floor(point.x);
  const y = Math.floor(point.y);
  return x >= 0 && y >= 0 && x < image.width && y < image.height ? imagePoint(x, y) : null;
}

import { viewToImage, pixelAt } from "../geometry/frames";
import type { ImagePoint } from "../geometry/points";
import type { Size } from "../geometry/size";
import type { Viewport } from "../geometry/viewport";
import type { Rle } from "../masks/rle";
import type { EditMode, Sketch } from "../state/sketch";
import type { PointerInput } from "./tool";

/** What the tools that work by hand need to know and report. */
export interface EditToolHost {
  readonly image: Size;
  viewport(): Viewport;
  /** In image pixels. */
  brushDiameter(): number;
  /** Pixels of the gesture under way; several make one gesture. */
  onPaint(shape: Rle, mode: EditMode): void;
  /** The gesture is over: one step to undo. */
  onPaintEnd(): void;
  onPaintGivenUp(): void;
  onSketch(sketch: Sketch | null): void;
  onSelect(pixel: ImagePoint): void;
}

/** Alt or the right button do the opposite of what the tool does; a pen's eraser takes away with every tool. */
export function modeOf(input: PointerInput, usual: EditMode): EditMode {
  if (input.button === "eraser") return "subtract";
  const isOpposite = input.isAlt || input.button === "secondary";
  return isOpposite === (usual === "add") ? "subtract" : "add";
}

export function imageAt(host: Pick<EditToolHost, "viewport">, input: PointerInput): ImagePoint {
  return viewToImage(host.viewport(), input.at);
}

/** Shift+click selects, with every tool. Returns whether the press was that. */
export function selects(
  host: Pick<EditToolHost, "image" | "viewport" | "onSelect">,
  input: PointerInput,
): boolean {
  if (!input.isShift) return false;
  const pixel = pixelAt(imageAt(host, input), host.image);
  if (pixel) host.onSelect(pixel);
  return true;
}

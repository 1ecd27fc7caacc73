import type { MaskTool } from "../api/types";
import type { ImageBox } from "../geometry/boxes";
import { imagePoint, type ImagePoint } from "../geometry/points";

/** Whether a gesture adds its pixels to the mask or takes them away. */
export type EditMode = "add" | "subtract";

/** Tools of the hand, as masks remember them. */
export type DrawingTool = Extract<MaskTool, "brush" | "eraser" | "polygon" | "rectangle">;

/** The shape a tool is about to paint, for drawing only; the brush's size is known where it is drawn. */
export type Sketch =
  | { readonly kind: "brush"; readonly at: ImagePoint; readonly mode: EditMode }
  | { readonly kind: "line"; readonly from: ImagePoint; readonly to: ImagePoint; readonly mode: EditMode }
  | {
      readonly kind: "polygon";
      readonly vertices: readonly ImagePoint[];
      readonly pointer: ImagePoint;
      readonly mode: EditMode;
    }
  | { readonly kind: "rectangle"; readonly box: ImageBox; readonly mode: EditMode };

/** What a stroke of a tool counts as: held the other way round, the brush erases and the eraser paints. */
export function drawingTool(tool: DrawingTool, mode: EditMode): DrawingTool {
  if (tool !== "brush" && tool !== "eraser") return tool;
  return mode === "add" ? "brush" : "eraser";
}

export const SMALLEST_BRUSH = 1;
export const LARGEST_BRUSH = 1000;

/** A brush diameter in whole image pixels, `factor` times as large but at least one pixel different. */
export function resizedBrush(diameter: number, factor: number): number {
  const wanted = Math.round(diameter * factor);
  const changed = wanted === diameter ? diameter + Math.sign(factor - 1) : wanted;
  return Math.min(LARGEST_BRUSH, Math.max(SMALLEST_BRUSH, changed));
}

/** Where a brush of whole pixels sits: odd ones on a pixel's centre, even ones on a corner. */
export function brushCentre(diameter: number, { x, y }: ImagePoint): ImagePoint {
  const place = (value: number) => (diameter % 2 === 1 ? Math.floor(value) + 0.5 : Math.round(value));
  return imagePoint(place(x), place(y));
}

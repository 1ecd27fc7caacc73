/**
 * The three coordinate frames, as branded types so that the compiler refuses to mix them:
 *
 * - `ImagePoint`: pixels of the original, upright photograph, continuous; pixel (0, 0) covers [0, 1) x [0, 1).
 * - `ViewPoint`: CSS pixels from the top left corner of the annotation canvas.
 * - `ModelPoint`: pixels of the model's square input, whose long side is the manifest's `image_size`.
 *
 * Functions between the frames live in `frames.ts` and nowhere else.
 */
interface Point {
  readonly x: number;
  readonly y: number;
}

declare const frame: unique symbol;

export type ImagePoint = Point & { readonly [frame]: "image" };
export type ViewPoint = Point & { readonly [frame]: "view" };
export type ModelPoint = Point & { readonly [frame]: "model" };

export function imagePoint(x: number, y: number): ImagePoint {
  return { x, y } as ImagePoint;
}

export function viewPoint(x: number, y: number): ViewPoint {
  return { x, y } as ViewPoint;
}

export function modelPoint(x: number, y: number): ModelPoint {
  return { x, y } as ModelPoint;
}

/** Distance in the points' own unit. */
export function distance<P extends Point>(a: P, b: P): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

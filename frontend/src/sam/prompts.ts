import type { ImageBox } from "../geometry/boxes";
import { boxInWindow, pointInWindow } from "../geometry/crops";
import { imagePoint, type ImagePoint } from "../geometry/points";

export const FOREGROUND = 1;
export const BACKGROUND = 0;
export type PointLabel = typeof FOREGROUND | typeof BACKGROUND;

/** A click on a whole pixel of the original image. */
export interface PromptPoint {
  readonly point: ImagePoint;
  readonly label: PointLabel;
}

/** Everything one mask was asked for with, in original image pixels. */
export interface Prompts {
  readonly points: readonly PromptPoint[];
  readonly box: ImageBox | null;
}

export const NO_PROMPTS: Prompts = { points: [], box: null };

/** How many prompts there are, a box counting as one. */
export function promptCount(prompts: Prompts): number {
  return prompts.points.length + (prompts.box ? 1 : 0);
}

/** The prompts in a window's own pixels. */
export function promptsInWindow(prompts: Prompts, window: ImageBox): Prompts {
  return {
    points: prompts.points.map(({ point, label }) => ({ point: pointInWindow(window, point), label })),
    box: prompts.box && boxInWindow(window, prompts.box),
  };
}

/** The prompts as the API stores them with a mask; `candidate` is the decoder's mask number, 0 to 3. */
export interface PromptRecord {
  points: [number, number, PointLabel][];
  box: [number, number, number, number] | null;
  candidate: number;
}

export function promptRecord(prompts: Prompts, candidate: number): PromptRecord {
  const { box } = prompts;
  return {
    points: prompts.points.map(({ point, label }) => [point.x, point.y, label]),
    box: box ? [box.x0, box.y0, box.x1, box.y1] : null,
    candidate,
  };
}

/** The prompts of a record, to go on from where they were left. */
export function promptsOfRecord({ points, box }: PromptRecord): Prompts {
  return {
    points: points.map(([x, y, label]) => ({ point: imagePoint(x, y), label })),
    box: box ? { x0: box[0], y0: box[1], x1: box[2], y1: box[3] } : null,
  };
}

import type { CurvePoint } from "../../api/types";

/** A point of the training's loss: as it was, and its running mean. */
export interface LossPoint {
  readonly step: number;
  readonly loss: number;
  readonly mean: number;
}

export interface ValPoint {
  readonly step: number;
  readonly val: number;
}

export interface Curves {
  readonly losses: readonly LossPoint[];
  readonly vals: readonly ValPoint[];
  /** The best validation after the first step, null before there is one. */
  readonly best: ValPoint | null;
  /** The figure of the model it began with, null before it is measured. */
  readonly before: number | null;
}

/** How much of the running mean is the newest point. One step's loss says more of its images than of the model. */
const NEWEST = 0.15;

/** A run's points as two curves. */
export function curvesOf(points: readonly CurvePoint[]): Curves {
  const losses: LossPoint[] = [];
  const vals: ValPoint[] = [];
  for (const { step, loss, val } of points) {
    if (loss !== undefined) {
      const last = losses.at(-1);
      losses.push({ step, loss, mean: last ? last.mean + NEWEST * (loss - last.mean) : loss });
    }
    if (val !== undefined) vals.push({ step, val });
  }
  const trained = vals.filter(({ step }) => step > 0);
  const best = trained.reduce<ValPoint | null>(
    (most, point) => (most === null || point.val > most.val ? point : most),
    null,
  );
  const before = vals.find(({ step }) => step === 0)?.val ?? null;
  return { losses, vals, best, before };
}

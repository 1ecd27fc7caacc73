import type { Evaluation, KeyFigure } from "../../api/evaluations";

/** A figure of one evaluation, and of another beside it; null where it has none. */
export interface FigureRow {
  readonly key: string;
  readonly name: string;
  readonly value: number | null;
  readonly other: number | null;
  /** The first minus the other; null where one of them is. */
  readonly difference: number | null;
}

const SHARE_DIGITS = 3;
const COUNT_DIGITS = 1;

/** Shares with three digits behind the point, counts with one. */
export function figureText(value: number | null): string {
  return value === null ? "–" : value.toFixed(digitsOf(value));
}

/** As `figureText`, with its sign. Of two figures that are shown alike there is no difference. */
export function differenceText({ value, other, difference }: FigureRow): string {
  if (value === null || other === null || difference === null) return "–";
  const text = Math.abs(difference).toFixed(Math.min(digitsOf(value), digitsOf(other)));
  if (Number(text) === 0) return text;
  return `${difference > 0 ? "+" : "−"}${text}`;
}

function digitsOf(value: number): number {
  return Math.abs(value) <= 1 ? SHARE_DIGITS : COUNT_DIGITS;
}

/** The figures of the first in their order, then those that the other alone has. */
export function figureRows(figures: readonly KeyFigure[], others: readonly KeyFigure[]): FigureRow[] {
  const here = new Map(figures.map((figure) => [figure.key, figure]));
  const there = new Map(others.map((figure) => [figure.key, figure]));
  return [...new Map([...here, ...there]).keys()].map((key) => {
    const value = here.get(key)?.value ?? null;
    const other = there.get(key)?.value ?? null;
    return {
      key,
      name: (here.get(key) ?? there.get(key))!.name,
      value,
      other,
      difference: value === null || other === null ? null : value - other,
    };
  });
}

/** Which evaluations may stand beside this one: others by the same task that have figures. */
export function comparableTo(shown: Evaluation, all: readonly Evaluation[]): Evaluation[] {
  return all.filter(({ id, task, figures }) => id !== shown.id && task === shown.task && figures.length > 0);
}

/** Why a difference may be of something else than the models; empty where nothing speaks for that. */
export function unlikeText(one: Evaluation, other: Evaluation): string {
  const isSet = [...new Set([...Object.keys(one.settings), ...Object.keys(other.settings)])];
  const unlike = isSet.filter((name) => one.settings[name] !== other.settings[name]);
  if (unlike.length > 0) return `They were set differently: ${unlike.map(settingText).join(", ")}.`;
  if (one.images !== other.images) return "They did not look at the same number of images.";
  return "";
}

/** "points_per_side" as people read it. */
export function settingText(name: string): string {
  return name.replaceAll("_", " ");
}

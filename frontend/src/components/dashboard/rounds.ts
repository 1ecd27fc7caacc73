import type { EngineRow } from "../../api/types";
import { decimalText, secondsText, shareText, wholeText } from "./figures";
import type { KeyFigure } from "./KeyFigures";
import type { Part } from "./series";

/** A level to compare with, drawn as a thin line. */
export interface Reference {
  readonly value: number;
  readonly label: string;
}

/** One round of a small chart. */
export interface RoundPoint {
  readonly round: string;
  /** Null where nothing is known. */
  readonly value: number | null;
  /** What it is compared with: the model of before, measured beside it. */
  readonly before: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** Of Segment Anything, section 4: where the first stage began, and what each stage ended with. */
export const PAPER = {
  secondsPerMask: [
    { value: 34, label: "34, paper at first" },
    { value: 14, label: "14, paper’s stage 1" },
  ],
  masksPerImage: [
    { value: 20, label: "20, paper at first" },
    { value: 44, label: "44, paper’s stage 1" },
    { value: 72, label: "72, paper’s stage 2" },
  ],
} as const satisfies Readonly<Record<string, readonly Reference[]>>;

/** Where the masks of a round came from. */
export const ORIGINS = [
  { name: "by_hand", label: "By hand", color: "#8a94a0" },
  { name: "prefilled_fixed", label: "Proposed, put right", color: "#56b4e9" },
  { name: "prefilled_untouched", label: "Proposed, as it was", color: "#009e73" },
] as const satisfies readonly Part[];

/** What was decided of the proposals of a round. */
export const DECISIONS = [
  { name: "untouched_share", label: "Accepted as they are", color: "#009e73" },
  { name: "fixed_share", label: "Accepted and put right", color: "#56b4e9" },
  { name: "rejected_share", label: "Rejected", color: "#d55e00" },
] as const satisfies readonly Part[];

export type Shares = { readonly round: string } & Readonly<Record<string, number | string>>;

export function roundName({ key }: Pick<EngineRow, "key">): string {
  return `Round ${key}`;
}

type Figure = "seconds_per_mask" | "clicks_per_mask" | "masks_per_image";

export function pointsOf(rows: readonly EngineRow[], figure: Figure): RoundPoint[] {
  return rows.map((row) => ({
    round: roundName(row),
    value: row[figure],
    before: null,
    low: null,
    high: null,
  }));
}

/** The interval is that of the difference between both models, laid around the model of before: so each round is judged by
 * images that both saw, and rounds with other images are not compared. */
export function miouPoints(rows: readonly EngineRow[]): RoundPoint[] {
  return rows.map((row) => {
    const { miou, miou_before, miou_low, miou_high } = row;
    const from = (end: number | null) => (miou_before === null || end === null ? null : miou_before + end);
    return {
      round: roundName(row),
      value: miou,
      before: miou_before,
      low: from(miou_low),
      high: from(miou_high),
    };
  });
}

/** Parts of all masks of a round; rounds without masks have none. */
export function originShares(rows: readonly EngineRow[]): Shares[] {
  return rows.map((row) => {
    const of = (count: number) => (row.masks === 0 ? 0 : count / row.masks);
    return {
      round: roundName(row),
      by_hand: of(row.masks - row.prefilled),
      prefilled_fixed: of(row.prefilled_fixed),
      prefilled_untouched: of(row.prefilled_untouched),
    };
  });
}

/** Parts of all proposals of a round that were decided. */
export function decisionShares(rows: readonly EngineRow[]): Shares[] {
  return rows.map((row) => ({
    round: roundName(row),
    untouched_share: row.untouched_share ?? 0,
    fixed_share: row.fixed_share ?? 0,
    rejected_share: row.rejected_share ?? 0,
  }));
}

export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
}

const TICKS = 4;

/** Round numbers that hold all that is shown; amounts begin with 0, IoUs where they are. */
export function scaleOf(values: readonly number[], isFromZero: boolean): Scale {
  const shown = isFromZero ? [0, ...values] : values;
  const [least, most] = [Math.min(...shown), Math.max(...shown)];
  const step = stepOf((most - least || Math.abs(most) || 1) / TICKS);
  const from = Math.floor(least / step + 1e-9) * step;
  const to = Math.max(Math.ceil(most / step - 1e-9) * step, from + step);
  const count = Math.round((to - from) / step);
  return { from, to, ticks: Array.from({ length: count + 1 }, (_, index) => from + index * step) };
}

/** 1, 2 or 5 times a power of ten, no less than this. */
function stepOf(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * (1 - 1e-9))!;
}

/** Figures of the present round beside those of the one before. */
export function roundFigures(rows: readonly EngineRow[]): KeyFigure[] {
  const [now, before] = [rows.at(-1), rows.at(-2)];
  const both = (name: Figure | "images" | "prefilled_share" | "untouched_share" | "rejected_share") => ({
    value: now?.[name] ?? null,
    before: before?.[name] ?? null,
  });
  return [
    { name: "Images", ...both("images"), text: wholeText, note: `${wholeText(now?.masks ?? 0)} masks` },
    { name: "Seconds per mask", ...both("seconds_per_mask"), text: secondsText, better: "less" },
    { name: "Clicks per mask", ...both("clicks_per_mask"), text: decimalText, better: "less" },
    { name: "Masks per image", ...both("masks_per_image"), text: decimalText, better: "more" },
    { name: "Pre-filled", ...both("prefilled_share"), text: shareText, isShare: true, better: "more" },
    {
      name: "Proposals as they are",
      ...both("untouched_share"),
      text: shareText,
      isShare: true,
      better: "more",
    },
    {
      name: "Mean IoU",
      // On the same images, which those of the round before were not.
      value: now?.miou ?? null,
      before: now?.miou_before ?? null,
      text: (value) => decimalText(value, 3),
      difference: miouChange(now),
      // What nobody can tell is neither.
      ...(now?.verdict === "same" ? {} : { better: "more" }),
    },
  ];
}

/** By how much a model is another than the one it came from, and whether that is more than chance. */
function miouChange(row: EngineRow | undefined): string | null {
  if (!row || row.miou_difference === null) return null;
  const amount = `${row.miou_difference < 0 ? "−" : "+"}${Math.abs(row.miou_difference).toFixed(3)}`;
  return row.verdict === "same" ? `${amount}, may be chance` : amount;
}

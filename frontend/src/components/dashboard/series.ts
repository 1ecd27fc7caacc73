import type { ActivityRow, StatusRow } from "../../api/types";
import { PALETTE } from "../../canvas/palette";
import { daysBetween, daysLater, type Day, type Period } from "./period";

/** One part of a stacked chart. `name` is its key in the data, `label` what people read. */
export interface Part {
  readonly name: string;
  readonly label: string;
  readonly color: string;
}

/** A row of a chart: its day and a number for each part. */
export type Column = { readonly day: Day } & Readonly<Record<string, number | string>>;

export interface Stacked {
  readonly parts: readonly Part[];
  readonly columns: readonly Column[];
  /** How many days a column stands for. */
  readonly step: number;
}

/** Colours that are told apart on light and dark by everybody: the palette's own, yellow left out and blue first. */
const COLORS = [4, 0, 2, 1, 5, 6, 7, 9].map((index) => PALETTE[index]!);
const OTHERS = "others";
const OTHERS_COLOR = "#8a94a0";
/** More bars than this are no longer told apart: from here on each is a week. */
export const MOST_DAYS = 100;
const DAY_MS = 24 * 3600 * 1000;

export function colorAt(index: number): string {
  return COLORS[index % COLORS.length]!;
}

/** Masks by day or by week and part as columns, those without any included. */
export function stackedMasks(rows: readonly ActivityRow[], period: Period, today: Day, step: 1 | 7): Stacked {
  const days = rows.map(({ key }) => key!).sort();
  const begin = period.since ?? days[0];
  if (begin === undefined) return { parts: [], columns: [], step };
  const first = step === 7 ? mondayOf(begin) : begin;
  const last = period.until ?? today;
  const parts = partsOf(rows);
  const nameOf = new Map(parts.map(({ key, name }) => [key, name]));
  const begins = daysBetween(first, last).filter((_, index) => index % step === 0);
  const columns = begins.map((day) => {
    const column: Record<string, number | string> & { day: Day } = { day };
    for (const { name } of parts) column[name] = 0;
    return column;
  });
  for (const { key, split_key, masks } of rows) {
    const column = columns[placeOf(key!, first, step)];
    const name = nameOf.get(split_key ?? null);
    if (column && name) column[name] = Number(column[name]) + masks;
  }
  return { parts: parts.map(({ name, label, color }) => ({ name, label, color })), columns, step };
}

/** Weeks begin as the server's do. */
function mondayOf(day: Day): Day {
  return daysLater(day, -((new Date(day).getUTCDay() + 6) % 7));
}

function placeOf(day: Day, first: Day, step: number): number {
  return Math.floor((Date.parse(day) - Date.parse(first)) / (step * DAY_MS));
}

/** The largest first, what is left over last. */
function partsOf(rows: readonly ActivityRow[]) {
  const sums = new Map<string | null, { label: string; masks: number }>();
  for (const { split_key, split_name, masks } of rows) {
    const key = split_key ?? null;
    const known = sums.get(key) ?? { label: split_name ?? "", masks: 0 };
    sums.set(key, { ...known, masks: known.masks + masks });
  }
  const rank = ([key, { masks }]: [string | null, { masks: number }]) => (key === OTHERS ? -1 : masks);
  return [...sums.entries()]
    .sort((a, b) => rank(b) - rank(a))
    .map(([key, { label }], index) => ({
      key,
      name: `part${index}`,
      label,
      color: key === OTHERS ? OTHERS_COLOR : colorAt(index),
    }));
}

/** A person's masks over time, for a small line: one number for each column there is. */
export function masksOverTime(rows: readonly ActivityRow[], key: string | null, stacked: Stacked): number[] {
  const counts = stacked.columns.map(() => 0);
  const [first] = stacked.columns;
  if (!first) return counts;
  for (const row of rows) {
    if ((row.split_key ?? null) !== key) continue;
    const place = placeOf(row.key!, first.day, stacked.step);
    if (place in counts) counts[place]! += row.masks;
  }
  return counts;
}

export const STATUS_PARTS: readonly (Part & { readonly name: Exclude<keyof StatusRow, "day"> })[] = [
  { name: "accepted", label: "Accepted", color: "#009e73" },
  { name: "submitted", label: "Submitted", color: "#cc79a7" },
  { name: "rejected", label: "Rejected", color: "#d55e00" },
  { name: "in_progress", label: "In progress", color: "#56b4e9" },
  { name: "not_begun", label: "Not begun", color: "#8a94a0" },
];

/** No more points than can be told apart: the last day of each step, and always the last one. */
export function thinned(rows: readonly StatusRow[]): StatusRow[] {
  const step = Math.ceil(rows.length / (2 * MOST_DAYS));
  return rows.filter((_, index) => (rows.length - 1 - index) % step === 0);
}

/** What a column stands for: a day, or a week's first and last. */
export function columnText(day: Day, step: number, text: (day: Day) => string): string {
  return step === 1 ? text(day) : `${text(day)} – ${text(daysLater(day, step - 1))}`;
}

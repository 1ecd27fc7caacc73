/** Days as the API writes them, in UTC: "2026-03-02". */
export type Day = string;

export interface Period {
  /** Null is from the beginning. */
  readonly since: Day | null;
  /** Null is until today. */
  readonly until: Day | null;
}

export const PRESETS = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "all", label: "All" },
  { value: "custom", label: "Custom" },
] as const;
export type Preset = (typeof PRESETS)[number]["value"];

const DAY_MS = 24 * 3600 * 1000;

export function dayOf(moment: Date): Day {
  return moment.toISOString().slice(0, 10);
}

export function daysLater(day: Day, days: number): Day {
  return dayOf(new Date(Date.parse(day) + days * DAY_MS));
}

/** How many days lie between two, both of them included. */
export function daysFrom(since: Day, until: Day): number {
  return Math.round((Date.parse(until) - Date.parse(since)) / DAY_MS) + 1;
}

/** The days of a preset that ends today; `custom` are the chosen ones. */
export function periodOf(preset: Preset, custom: Period, today: Day): Period {
  if (preset === "custom") return custom;
  return preset === "all"
    ? { since: null, until: null }
    : { since: daysLater(today, 1 - Number(preset)), until: today };
}

/** The period of the same length just before; null where it has no beginning. */
export function periodBefore({ since, until }: Period, today: Day): Period | null {
  if (since === null) return null;
  const length = daysFrom(since, until ?? today);
  return { since: daysLater(since, -length), until: daysLater(since, -1) };
}

/** All days from one to another, both included. */
export function daysBetween(since: Day, until: Day): Day[] {
  return Array.from({ length: Math.max(0, daysFrom(since, until)) }, (_, index) => daysLater(since, index));
}

/** "2 Mar", and with its year where that is asked for. */
export function dayText(day: Day, withYear = false): string {
  return new Date(day).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    timeZone: "UTC",
    ...(withYear ? { year: "numeric" } : {}),
  });
}

export function isDay(text: string | null): text is Day {
  return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

import type { Mask, WorkStatus } from "../../api/types";

export type MaskStage = Mask["stage"];
export const GROUPS = ["none", "folder", "uploader"] as const;
export type SplitGroup = (typeof GROUPS)[number];
export const SPLITS = ["train", "val", "test"] as const;
export type SplitName = (typeof SPLITS)[number];

export interface ExportFilter {
  readonly statuses: readonly WorkStatus[];
  readonly tags: readonly number[];
  readonly labels: readonly number[];
  readonly stages: readonly MaskStage[];
  readonly authors: readonly number[];
  /** Days as "2026-03-01", both included; empty for any. */
  readonly since: string;
  readonly until: string;
}

export interface SplitChoice {
  readonly isOn: boolean;
  /** Parts, as 8, 1 and 1. */
  readonly train: number;
  readonly val: number;
  readonly test: number;
  readonly seed: number;
  readonly group: SplitGroup;
}

/** How a project is exported, as the dialog has it. */
export interface ExportChoices {
  readonly format: string;
  readonly withPictures: boolean;
  readonly unlabelled: "skip" | "include";
  readonly splits: SplitChoice;
  readonly filter: ExportFilter;
}

export const NO_EXPORT_FILTER: ExportFilter = {
  statuses: [],
  tags: [],
  labels: [],
  stages: [],
  authors: [],
  since: "",
  until: "",
};
export const FIRST_CHOICES: ExportChoices = {
  format: "coco",
  withPictures: false,
  unlabelled: "skip",
  splits: { isOn: false, train: 8, val: 1, test: 1, seed: 0, group: "none" },
  filter: NO_EXPORT_FILTER,
};
/** Cut out of the photographs, so that there is no exporting it without them. */
const OF_PICTURES = "cutouts";

export function needsPictures({ format }: Pick<ExportChoices, "format">): boolean {
  return format === OF_PICTURES;
}

export function filterCount({ statuses, tags, labels, stages, authors, since, until }: ExportFilter): number {
  return (
    [statuses, tags, labels, stages, authors].filter(({ length }) => length > 0).length +
    [since, until].filter(Boolean).length
  );
}

/** Whether the server streams just this without a job: COCO's JSON of the whole project. */
export function isPlain({ format, withPictures, splits, filter }: ExportChoices): boolean {
  return format === "coco" && !withPictures && !splits.isOn && filterCount(filter) === 0;
}

/** What is wrong with the choices, for people; empty where nothing is. */
export function problemOf({ splits, filter }: ExportChoices): string {
  if (splits.isOn && splits.train + splits.val + splits.test === 0)
    return "One of train, val and test must have a part.";
  if (filter.since && filter.until && filter.since > filter.until)
    return "The first day is after the last one.";
  return "";
}

/** The params of a job of kind `export`. Of masks without a label is said something only where there are some. */
export function exportParams(choices: ExportChoices, hasUnlabelled: boolean): Record<string, unknown> {
  const { format, withPictures, unlabelled, splits, filter } = choices;
  const { isOn, ...parts } = splits;
  const lists = {
    statuses: filter.statuses,
    tags: filter.tags,
    labels: filter.labels,
    stages: filter.stages,
    authors: filter.authors,
  };
  return {
    format,
    pictures: withPictures || needsPictures(choices),
    ...(hasUnlabelled ? { unlabelled } : {}),
    ...Object.fromEntries(Object.entries(lists).filter(([, values]) => values.length > 0)),
    ...(filter.since ? { since: filter.since } : {}),
    ...(filter.until ? { until: filter.until } : {}),
    ...(isOn ? { splits: parts } : {}),
  };
}

const STORED_AT = "export.choices";

/** Keeps the choices for the next time in this browser, but for the filter: what was left out once is not to be
 * missing unseen the next time. */
export function rememberChoices({ filter: _, ...kept }: ExportChoices): void {
  try {
    localStorage.setItem(STORED_AT, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing; the dialog begins as the first time.
  }
}

/** The choices of the last time; of what is stored and makes no sense, those of the first time. */
export function rememberedChoices(formats: readonly string[]): ExportChoices {
  try {
    return readChoices(JSON.parse(localStorage.getItem(STORED_AT) ?? "{}"), formats);
  } catch {
    return FIRST_CHOICES;
  }
}

export function readChoices(stored: unknown, formats: readonly string[]): ExportChoices {
  const { format, withPictures, unlabelled, splits } = recordOf(stored);
  const parts = recordOf(splits);
  const first = FIRST_CHOICES;
  return {
    format: typeof format === "string" && formats.includes(format) ? format : first.format,
    withPictures: withPictures === true,
    unlabelled: unlabelled === "include" ? "include" : "skip",
    splits: {
      isOn: parts["isOn"] === true,
      train: numberOr(parts["train"], first.splits.train),
      val: numberOr(parts["val"], first.splits.val),
      test: numberOr(parts["test"], first.splits.test),
      seed: numberOr(parts["seed"], first.splits.seed),
      group: GROUPS.find((group) => group === parts["group"]) ?? first.splits.group,
    },
    filter: NO_EXPORT_FILTER,
  };
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function numberOr(value: unknown, other: number): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : other;
}

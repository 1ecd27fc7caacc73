import type { Job } from "../../api/types";
import { counted } from "../common/formats";

export interface ImportProblem {
  readonly path: string;
  readonly where: string;
  readonly code: string;
  readonly message: string;
}

export interface FoundLabel {
  readonly name: string;
  readonly masks: number;
  /** The project's label of that name, if it has one. */
  readonly label: number | null;
}

/** What a look at a data set found. */
export interface ImportPreview {
  readonly format: string;
  readonly tried: readonly { readonly format: string; readonly masks: number }[];
  readonly pictures: Readonly<Record<"new" | "known" | "matched" | "missing" | "total", number>>;
  readonly images_with_masks: number;
  readonly masks: number;
  readonly masks_known: number;
  readonly unlabelled: number;
  readonly label_count: number;
  readonly labels: readonly FoundLabel[];
  readonly problem_count: number;
  readonly problems: readonly ImportProblem[];
  /** Of a place, so that nothing else is imported than was looked at; empty of an upload. */
  readonly fingerprint?: string;
}

/** What an import did. */
export interface ImportOutcome {
  readonly pictures: Readonly<Record<"new" | "matched" | "missing", number>>;
  readonly masks: Readonly<Record<"created" | "replaced" | "deleted" | "skipped", number>>;
  readonly problem_count: number;
  readonly problems: readonly ImportProblem[];
}

export type ImportPolicy = "skip" | "replace" | "add";
/** A label's id as text, a new label, or none of its masks. */
export type LabelChoice = string;
export const CREATE = "create";
export const SKIP = "skip";

export function previewOf({ kind, result }: Pick<Job, "kind" | "result">): ImportPreview | null {
  return kind === "import.check" && isPreview(result) ? result : null;
}

export function outcomeOf({ kind, result }: Pick<Job, "kind" | "result">): ImportOutcome | null {
  return kind === "import" && isOutcome(result) ? result : null;
}

function isPreview(result: unknown): result is ImportPreview {
  return isRecord(result) && Array.isArray(result["labels"]) && isRecord(result["pictures"]);
}

function isOutcome(result: unknown): result is ImportOutcome {
  return isRecord(result) && isRecord(result["masks"]) && isRecord(result["pictures"]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** What becomes of a label nobody chose for. */
export function firstChoice({ label }: FoundLabel): LabelChoice {
  return label === null ? CREATE : String(label);
}

/** What a look was at, to be named again by the import. */
export function sourceOf({ params }: Pick<Job, "params">, preview: ImportPreview): Record<string, unknown> {
  const { place, upload } = params;
  return place === undefined ? { upload } : { place, fingerprint: preview.fingerprint };
}

/** The params of a job of kind `import`; the choice for every label is said, so that it is the one that was seen. */
export function importParams(
  source: Record<string, unknown>,
  preview: ImportPreview,
  chosen: Readonly<Record<string, LabelChoice>>,
  policy: ImportPolicy,
): Record<string, unknown> {
  const labels = preview.labels.map((found) => {
    const choice = chosen[found.name] ?? firstChoice(found);
    return [found.name, choice === CREATE || choice === SKIP ? choice : Number(choice)] as const;
  });
  return { ...source, format: preview.format, labels: Object.fromEntries(labels), policy };
}

/** "12 new pictures, 3 the project has, 1 missing." */
export function pictureSentence({ pictures }: Pick<ImportPreview, "pictures">): string {
  const { known, matched, missing } = pictures;
  const parts = [
    pictures.new > 0 && counted(pictures.new, "new picture"),
    known + matched > 0 && `${counted(known + matched, "picture")} the project has already`,
    missing > 0 && `${counted(missing, "picture")} that cannot be found`,
  ].filter(Boolean);
  return parts.length > 0 ? `${parts.join(", ")}.` : "No pictures.";
}

/** "120 masks came in on 14 images, 3 of them new." */
export function outcomeSentence({ pictures, masks }: ImportOutcome): string {
  const images = pictures.new + pictures.matched;
  const done = [
    `${counted(masks.created, "mask")} came in`,
    masks.replaced > 0 && `${masks.replaced.toLocaleString("en")} replaced`,
    masks.deleted > 0 && `${masks.deleted.toLocaleString("en")} deleted`,
    masks.skipped > 0 && `${masks.skipped.toLocaleString("en")} left out`,
  ].filter(Boolean);
  return `${done.join(", ")}, on ${counted(images, "image")}, ${pictures.new.toLocaleString("en")} of them new.`;
}

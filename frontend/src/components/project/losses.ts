import type { Job } from "../../api/types";

/** One mask that is not in the file as it was. */
export interface Loss {
  readonly mask: number;
  readonly iou: number;
  readonly holes_lost: number;
  readonly parts_lost: number;
  readonly pixels_lost: number;
  readonly pixels_added: number;
}

/** What a format could not hold of an export. */
export interface LossReport {
  readonly objects: number;
  readonly changed: number;
  readonly dropped: number;
  readonly holes_lost: number;
  readonly parts_lost: number;
  readonly mean_iou: number;
  /** Of images, where the format has no place for them. */
  readonly tags_lost?: number;
  readonly fields_without_a_place: readonly string[];
  readonly worst: readonly Loss[];
}

/** The account in a job's result; null where the job has none. */
export function lossesOf({ result }: Pick<Job, "result">): LossReport | null {
  const losses = result?.["losses"];
  return isReport(losses) ? losses : null;
}

function isReport(value: unknown): value is LossReport {
  return typeof value === "object" && value !== null && "objects" in value && "worst" in value;
}

/** "All 1,234 masks kept, pixel by pixel", or how many are not. */
export function lossSentence({ objects, changed, dropped, mean_iou }: LossReport): string {
  const all = objects.toLocaleString("en");
  if (objects === 0) return "No mask was asked for: there is none in the file.";
  if (changed === 0)
    return objects === 1 ? "The one mask is kept, pixel by pixel." : `All ${all} masks kept, pixel by pixel.`;
  const figures = `mean IoU ${shownIou(mean_iou)}`;
  const gone = dropped > 0 ? `, ${dropped.toLocaleString("en")} of them lost altogether` : "";
  return `${changed.toLocaleString("en")} of ${all} masks changed${gone}; ${figures}.`;
}

/** Rounded down: what is not the same is never shown as 1. */
export function shownIou(iou: number): string {
  return (Math.floor(iou * 10_000) / 10_000).toFixed(4);
}

const FIELDS: Readonly<Record<string, string>> = {
  z: "depth (z)",
  seconds_spent: "seconds spent",
  uuid: "mask's uuid",
};

/** Names of a mask's fields as people read them. */
export function fieldNames(fields: readonly string[]): string {
  return fields.map((field) => FIELDS[field] ?? field).join(", ");
}

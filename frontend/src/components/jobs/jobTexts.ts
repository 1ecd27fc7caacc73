import type { Job, ProjectEmbeddings } from "../../api/types";
import { counted, duration } from "../common/formats";

interface Progress {
  readonly done: number;
  readonly total: number | null;
  readonly unit: string;
}

/** "312 of 1,000 images, about 2 min left"; empty where there is nothing to say yet. */
export function progressText({ done, total, unit }: Progress, etaSeconds: number | null): string {
  if (total === null) return done > 0 ? `${done.toLocaleString("en")} ${unit}` : "";
  const text = `${done.toLocaleString("en")} of ${total.toLocaleString("en")} ${unit}`;
  return etaSeconds === null ? text : `${text}, about ${duration(etaSeconds)} left`;
}

/** How much is done, from 0 to 100. */
export function progressPercent({ done, total }: Pick<Progress, "done" | "total">): number {
  return total ? Math.min(100, (100 * done) / total) : 0;
}

export interface MadeFile {
  readonly name: string;
  readonly bytes: number;
  readonly url: string;
  /** Null for one that is kept. */
  readonly expiresAt: Date | null;
}

/** The file a job made, if it made one that is still there. */
export function fileOf({ result, is_expired }: Pick<Job, "result" | "is_expired">): MadeFile | null {
  const { file_name: name, bytes, download_url: url, expires_at: expires } = result ?? {};
  if (is_expired || typeof name !== "string" || typeof bytes !== "number") return null;
  if (typeof url !== "string") return null;
  return { name, bytes, url, expiresAt: typeof expires === "string" ? new Date(expires) : null };
}

/** How long a file is kept. */
export function keptUntil({ expiresAt }: MadeFile): string {
  if (!expiresAt) return "kept";
  return `kept until ${expiresAt.toLocaleDateString("en", { day: "numeric", month: "short" })}`;
}

export type JobLook = "queued" | "running" | "cancelling" | "succeeded" | "expired" | "failed" | "cancelled";

export function lookOf({
  state,
  is_cancelling,
  is_expired,
}: Pick<Job, "state" | "is_cancelling" | "is_expired">): JobLook {
  if (is_cancelling) return "cancelling";
  return is_expired ? "expired" : state;
}

/** How the embeddings of a project are, as if they were one job. */
export function embeddingLook({ queued, running, failed, cancelled }: ProjectEmbeddings): JobLook {
  if (running > 0) return "running";
  if (queued > 0) return "queued";
  if (failed > 0) return "failed";
  return cancelled > 0 ? "cancelled" : "succeeded";
}

/** "3 failed, 2 cancelled"; empty where all went well. */
export function embeddingProblems({ failed, cancelled }: ProjectEmbeddings): string {
  return [
    failed > 0 && counted(failed, "image failed", "images failed"),
    cancelled > 0 && `${cancelled} cancelled`,
  ]
    .filter(Boolean)
    .join(", ");
}

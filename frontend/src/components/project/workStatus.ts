import type { Work, WorkStatus } from "../../api/types";

interface Look {
  readonly label: string;
  /** Of Mantine's palette. */
  readonly color: string;
}

/** In the order of an image's life. */
export const WORK_LOOKS: Readonly<Record<WorkStatus, Look>> = {
  new: { label: "New", color: "gray" },
  embedding: { label: "Embedding", color: "sky" },
  ready: { label: "Ready", color: "gray" },
  in_progress: { label: "In progress", color: "sky" },
  submitted: { label: "Submitted", color: "grape" },
  rejected: { label: "Rejected", color: "orange" },
  accepted: { label: "Accepted", color: "teal" },
};

export const WORK_STATUSES = Object.keys(WORK_LOOKS) as readonly WorkStatus[];

/** Nobody has begun: the status says how far the machine is. */
export function isResting(status: WorkStatus): boolean {
  return status === "new" || status === "embedding" || status === "ready";
}

/** Finished by its annotator: only reviewers still change its masks. */
export function isFinished(status: WorkStatus): boolean {
  return status === "submitted" || status === "accepted";
}

/** Whose work it is to this person, as the table of permissions has it. */
export function relationTo(work: Work, userId: number): "own" | "other" {
  return work.assignee === null || work.assignee.id === userId ? "own" : "other";
}

import type { Thread } from "../api/types";
import type { ImagePoint } from "../geometry/points";

export type ThreadFilter = "open" | "all";

/** A thread that is being written: where it will be pinned, and the mask seen there. */
export interface NewPin {
  readonly id: string;
  readonly at: ImagePoint;
  readonly mask: string | null;
}

export function isOpen(thread: Thread): boolean {
  return thread.resolved_at === null;
}

/** Those the filter lists; the one being looked at is listed even when it has just been resolved. */
export function listedThreads(
  threads: readonly Thread[],
  filter: ThreadFilter,
  openedId: string | null,
): readonly Thread[] {
  if (filter === "all") return threads;
  return threads.filter((thread) => isOpen(thread) || thread.id === openedId);
}

/** The next thread of a list, or the one before with `step` -1; goes round. Null where there is none. */
export function threadAfter(
  threads: readonly Thread[],
  openedId: string | null,
  step: 1 | -1,
): Thread | null {
  const at = threads.findIndex(({ id }) => id === openedId);
  if (at < 0) return threads.at(step === 1 ? 0 : -1) ?? null;
  return threads[(at + step + threads.length) % threads.length] ?? null;
}

/** What a list says of a thread: the first of its comments that is still there. */
export function firstWords(thread: Thread): string {
  return thread.comments.find(({ deleted_at }) => deleted_at === null)?.text ?? "";
}

/** The list with a thread as the server just told it, in its place or at the end. */
export function threadLearnt(threads: readonly Thread[], thread: Thread): Thread[] {
  const others = threads.filter(({ id }) => id !== thread.id);
  return [...others, thread].sort((a, b) => a.number - b.number);
}

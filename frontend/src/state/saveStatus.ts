import type { Conflict, PendingChange, Person } from "./pendingChange";

/** A failure as the queue needs to see it. */
export interface SaveFailure {
  /**
   * `later`: worth trying again by itself, and nothing else gets through before; `failed`: worth trying again, while the
   * others go on; `login`: worth it once its owner is logged in; `gone`: there is nothing to change any more; `refused`:
   * never, as it is.
   */
  readonly kind: "later" | "failed" | "login" | "gone" | "refused";
  readonly code: string;
  readonly message: string;
}

export interface SaveStatus {
  readonly kind: "saved" | "saving" | "offline" | "login" | "refused" | "conflict";
  /** Masks that are not on the server as they should be, and proposals that are decided and not known there to be. */
  readonly waiting: number;
  readonly conflicts: number;
  /** Images on which something waits for a decision: conflicts and changes the server refused. */
  readonly undecidedImages: readonly number[];
  /** What went wrong last; null while nothing did. */
  readonly problem: { readonly code: string; readonly message: string } | null;
  /** False when something would be lost with this tab. */
  readonly isKept: boolean;
  /** Other people whose work waits in this browser for their log-in. */
  readonly others: readonly string[];
}

export const ALL_SAVED: SaveStatus = {
  kind: "saved",
  waiting: 0,
  conflicts: 0,
  undecidedImages: [],
  problem: null,
  isKept: true,
  others: [],
};

/** What is to be shown of what waits. `trouble` stopped the last round of sending. */
export function saveStatus(
  user: Person | null,
  pending: readonly PendingChange[],
  conflicts: readonly Conflict[],
  trouble: SaveFailure | null,
  isKept: boolean,
): SaveStatus {
  const mine = pending.filter(({ owner }) => owner.id === user?.id);
  const open = conflicts.filter(({ owner }) => owner.id === user?.id);
  const others = pending.filter(({ owner }) => owner.id !== user?.id).map(({ owner }) => owner.name);
  const undecided = [...open, ...mine.filter(({ refusal }) => refusal)].map(({ imageId }) => imageId);
  const refusal = mine.find(({ refusal }) => refusal)?.refusal ?? null;
  const kind = (): SaveStatus["kind"] => {
    if (mine.length === 0) return open.length === 0 ? "saved" : "conflict";
    if (trouble) return trouble.kind === "login" ? "login" : "offline";
    return mine.every(({ refusal }) => refusal) ? "refused" : "saving";
  };
  return {
    kind: kind(),
    waiting: mine.length,
    conflicts: open.length,
    undecidedImages: [...new Set(undecided)],
    problem: mine.length === 0 ? null : (trouble ?? refusal),
    isKept: isKept || pending.length === 0,
    others: [...new Set(others)],
  };
}

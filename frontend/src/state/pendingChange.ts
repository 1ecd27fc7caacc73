import type { SavedMask } from "./annotation";
import type { ProposalDecision } from "./decisions";
import { sameMask } from "./sameMask";

/** What the server holds of a mask, as far as this browser knows. A deleted mask keeps the revision it had. */
export type Known =
  | { readonly kind: "absent" }
  | { readonly kind: "stored"; readonly revision: number }
  | { readonly kind: "deleted"; readonly revision: number };

export const ABSENT: Known = { kind: "absent" };

/** Grows with every change of a mask: which of two things known is the later one. */
export function knownOrder(known: Known): number {
  if (known.kind === "absent") return 0;
  return known.revision * 2 + (known.kind === "deleted" ? 1 : 0);
}

/** A mask as the server tells it, null when it is deleted, and who left it so. */
export interface ServerMask {
  readonly known: Known;
  readonly mask: SavedMask | null;
  readonly by: string | null;
  /** ISO 8601. */
  readonly at: string | null;
}

export interface Person {
  readonly id: number;
  readonly name: string;
}

/** A mask that is to be as given on the server, and is not known to be. The newest wish only. */
export interface PendingChange {
  /** Whose work it is; nobody else's session may send it. */
  readonly owner: Person;
  readonly imageId: number;
  readonly maskId: string;
  /** What the change was made from. */
  readonly base: Known;
  /** The mask as it should be, null when it should not be. */
  readonly wanted: SavedMask | null;
  /** What the server is to be told of the proposal with this id, once there is no mask with it; null for nothing. */
  readonly decision: ProposalDecision | null;
  /** A request whose answer never came: the server may hold this. Null when there is none. */
  readonly sent: { readonly mask: SavedMask | null } | null;
  /** Why the server will not have it; it waits until somebody retries, changes or discards it. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
  /** Milliseconds since 1970 of the first wish: the order of sending. */
  readonly since: number;
}

/** Two versions of one mask, made from the same state by two people; both are kept until somebody decides. */
export interface Conflict {
  readonly id: string;
  readonly owner: Person;
  readonly imageId: number;
  readonly maskId: string;
  readonly mine: SavedMask | null;
  readonly theirs: ServerMask;
}

/** The request that brings the server closer to what is wanted; null when there is nothing to tell. */
export type SaveRequest =
  | { readonly kind: "create"; readonly mask: SavedMask; readonly restores: number | null }
  | { readonly kind: "update"; readonly mask: SavedMask; readonly revision: number }
  | { readonly kind: "remove"; readonly revision: number };

/** What is said of proposals goes out together, for the whole image, and has no revision. */
export interface DecisionRequest {
  readonly kind: "decide";
  readonly decision: ProposalDecision;
}

/** `done`: the server is as the request said; `differs`: it is otherwise, and told how. */
export type SaveAnswer =
  | { readonly kind: "done"; readonly known: Known }
  | { readonly kind: "differs"; readonly server: ServerMask };

interface Wish {
  readonly owner: Person;
  readonly imageId: number;
  readonly maskId: string;
  readonly wanted: SavedMask | null;
  readonly decision: ProposalDecision | null;
  readonly known: Known;
  readonly now: number;
}

/** The change with a newer wish; null when the server need not hear of it at all. */
export function withWish(change: PendingChange | null, wish: Wish): PendingChange | null {
  const { known, now, ...rest } = wish;
  const next: PendingChange = change
    ? { ...change, wanted: wish.wanted, decision: wish.decision, refusal: null }
    : { ...rest, base: known, sent: null, refusal: null, since: now };
  return isIdle(next) ? null : next;
}

/** Not to be on the server, nothing ever went there, and there is nothing to say of it. */
function isIdle({ base, wanted, decision, sent }: PendingChange): boolean {
  return wanted === null && sent === null && base.kind !== "stored" && decision === null;
}

/** What went out without an answer goes out again first, unchanged: only then it is known what newer wishes follow. */
export function requestFor({
  base,
  wanted,
  decision,
  sent,
}: PendingChange): SaveRequest | DecisionRequest | null {
  const mask = sent ? sent.mask : wanted;
  if (base.kind === "stored") {
    const { revision } = base;
    return mask ? { kind: "update", mask, revision } : { kind: "remove", revision };
  }
  if (mask) return { kind: "create", mask, restores: base.kind === "deleted" ? base.revision : null };
  return decision && { kind: "decide", decision };
}

/** The change as it is kept while a request is under way. */
export function withRequest(change: PendingChange, request: SaveRequest): PendingChange {
  return { ...change, sent: { mask: request.kind === "remove" ? null : request.mask } };
}

export interface Settlement {
  readonly pending: PendingChange | null;
  readonly conflict: Conflict | null;
}

/** What remains of a change after an answer; the wish may have become a newer one while the request was under way. */
export function settled(
  change: PendingChange,
  request: SaveRequest,
  answer: SaveAnswer,
  conflictId: string,
): Settlement {
  const { owner, imageId, maskId, base, wanted, decision } = change;
  const asked = request.kind === "remove" ? null : request.mask;
  const held = answer.kind === "done" ? asked : answer.server.mask;
  if (sameMask(held, wanted) && decision === null) return { pending: null, conflict: null };
  if (answer.kind === "done" || sameMask(held, wanted) || isAnswered(asked, base, answer.server)) {
    const known = answer.kind === "done" ? answer.known : answer.server.known;
    const pending = { ...change, base: known, sent: null };
    return { pending: isIdle(pending) ? null : pending, conflict: null };
  }
  const conflict = { id: conflictId, owner, imageId, maskId, mine: wanted, theirs: answer.server };
  return { pending: null, conflict };
}

/** Whether the server is as we asked after all: the same request went out before and its answer was lost. */
function isAnswered(asked: SavedMask | null, base: Known, { mask, known }: ServerMask): boolean {
  if (mask) return sameMask(mask, asked);
  const isDeletionOfBase =
    base.kind === "stored" && known.kind === "deleted" && known.revision === base.revision;
  return asked === null && isDeletionOfBase;
}

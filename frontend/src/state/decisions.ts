import type { SavedMask } from "./annotation";
import type { ChangeSet } from "./history";
import { requestFor, type PendingChange, type Person, type Settlement } from "./pendingChange";

/** What the server is told of a run's proposal that has no mask: no, or that it is open again. */
export type ProposalDecision = "reject" | "reopen";

/** A mask that should be as given, or null where it should not be, and what is decided of the proposal with its id. */
export interface Wanted {
  readonly maskId: string;
  readonly wanted: SavedMask | null;
  readonly decision?: ProposalDecision | null;
}

/** How decisions about one image's proposals reach the server; saying the same again changes nothing. Throws like `SendChange`. */
export type SendDecisions = (
  owner: Person,
  imageId: number,
  decisions: ReadonlyMap<string, ProposalDecision>,
) => Promise<void>;

/** In one request at most. */
const TOGETHER = 500;

/**
 * What a change decides about proposals, by id. An acceptance is not among it: that is the mask with the proposal's id,
 * which the server hears of anyway. `isUndo`: the change takes a step back, and a mask that is gone by it was an
 * acceptance, after which the proposal is open again; the server takes a deleted one for rejected.
 */
export function decisionsOf(
  { masks, rejections }: ChangeSet,
  isUndo: boolean,
): Map<string, ProposalDecision> {
  const decisions = new Map<string, ProposalDecision>();
  for (const { id, before, after } of masks) {
    if (isUndo && before && !after && isOfRun(before)) decisions.set(id, "reopen");
  }
  for (const { id, after } of rejections) decisions.set(id, after ? "reject" : "reopen");
  for (const { id, after } of masks) if (after) decisions.delete(id);
  return decisions;
}

/** What a change makes of masks, and what it decides about proposals, as the save queue is told. */
export function wishesOf(changes: ChangeSet, isUndo: boolean): Wanted[] {
  const decisions = decisionsOf(changes, isUndo);
  const wanted = new Map(changes.masks.map(({ id, after }) => [id, after]));
  const ids = new Set([...wanted.keys(), ...decisions.keys()]);
  return [...ids].map((maskId) => ({
    maskId,
    wanted: wanted.get(maskId) ?? null,
    decision: decisions.get(maskId) ?? null,
  }));
}

/** Copies and parts of an accepted mask keep its stage, and were never proposed. */
function isOfRun({ stage, tool }: { readonly stage: string; readonly tool: string | null }): boolean {
  return stage !== "assisted_manual" && tool !== "paste" && tool !== "split";
}

/** What goes out with the decision of `first`: the others of its image that wait for nothing else. */
export function decidedTogether(waiting: readonly PendingChange[], first: PendingChange): PendingChange[] {
  return waiting
    .filter(({ imageId, refusal }) => imageId === first.imageId && !refusal)
    .filter((change) => requestFor(change)?.kind === "decide")
    .slice(0, TOGETHER);
}

/** What remains of a change whose decision the server knows; the wish may have become a newer one meanwhile. */
export function decisionSettled(stored: PendingChange | null, asked: PendingChange): Settlement {
  const isSaid = stored?.decision === asked.decision && requestFor(stored)?.kind === "decide";
  return { pending: isSaid ? null : stored, conflict: null };
}

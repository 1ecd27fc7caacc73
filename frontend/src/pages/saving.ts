import { fetchMe } from "../api/auth";
import { ApiError, CSRF_FAILED, describeError, isLoggedOut, STALE_REVISION } from "../api/errors";
import { createMask, deleteMask, updateMask } from "../api/masks";
import { decideOnImage } from "../api/proposals";
import type { StaleMask } from "../api/types";
import type { ProposalDecision, SendDecisions } from "../state/decisions";
import type { PendingChange, SaveAnswer, SaveRequest, ServerMask } from "../state/pendingChange";
import type { SendChange } from "../state/saveQueue";
import type { SaveFailure } from "../state/saveStatus";
import { deletedMaskOf, maskCreateBody, maskUpdateBody, serverMaskOf } from "./annotator/records";

/** Sends a change to the API; a mask that is otherwise there than the change assumed is an answer, not a failure. */
export const sendChange: SendChange = async (change, request) => {
  try {
    return await sent(change, request);
  } catch (error) {
    const server = error instanceof ApiError && error.code === STALE_REVISION ? otherwise(error) : null;
    if (!server) throw error;
    return { kind: "differs", server };
  }
};

async function sent({ owner, imageId, maskId }: PendingChange, request: SaveRequest): Promise<SaveAnswer> {
  if (request.kind === "remove") {
    await deleteMask(owner.id, maskId, request.revision);
    return { kind: "done", known: { kind: "deleted", revision: request.revision } };
  }
  if (request.kind === "update") {
    const { revision } = await updateMask(owner.id, maskId, maskUpdateBody(request.mask, request.revision));
    return { kind: "done", known: { kind: "stored", revision } };
  }
  const { mask, isNew } = await createMask(owner.id, imageId, maskCreateBody(request.mask, request.restores));
  const server = serverMaskOf(mask);
  return isNew ? { kind: "done", known: server.known } : { kind: "differs", server };
}

function otherwise(error: ApiError): ServerMask | null {
  const { current, deleted } = error.extra as Partial<StaleMask>;
  if (current) return serverMaskOf(current);
  return deleted ? deletedMaskOf(deleted) : null;
}

/** Tells the API what was decided about proposals. */
export const sendDecisions: SendDecisions = async (owner, imageId, decisions) => {
  const those = (wanted: ProposalDecision) =>
    [...decisions].filter(([, decision]) => decision === wanted).map(([id]) => id);
  await decideOnImage(owner.id, imageId, { reject: those("reject"), reopen: those("reopen") });
};

/** A proxy's word that no server is behind it: the next change would not fare better. */
const UNAVAILABLE: ReadonlySet<number> = new Set([502, 503, 504]);

/** How the queue is to take a failure. */
export function classifyFailure(error: unknown): SaveFailure {
  const { code, message } = describeError(error);
  const kind = (): SaveFailure["kind"] => {
    if (!(error instanceof ApiError)) return "refused";
    if (isLoggedOut(error)) return "login";
    if (error.status === 404) return "gone";
    if (error.status >= 500 && !UNAVAILABLE.has(error.status)) return "failed";
    return error.isTransient || code === CSRF_FAILED ? "later" : "refused";
  };
  // The cookie with the token is gone; asking who one is brings a new one, for the next try.
  if (code === CSRF_FAILED) fetchMe().catch(() => undefined);
  return { kind: kind(), code, message };
}

import * as actions from "../../state/actions";
import type { AnnotationState } from "../../state/annotation";
import type { Conflict } from "../../state/pendingChange";
import type { SaveQueue } from "../../state/saveQueue";
import type { AnnotationStore } from "../../state/store";

export type ConflictChoice = "theirs" | "mine" | "both";

/** The choices a conflict leaves; keeping both needs two versions. */
export function choicesOf({ mine, theirs }: Conflict): ConflictChoice[] {
  return mine && theirs.mask ? ["theirs", "mine", "both"] : ["theirs", "mine"];
}

/** Does what somebody decided, as a gesture of theirs that can be undone. */
export async function decideConflict(
  store: AnnotationStore,
  queue: SaveQueue,
  conflict: Conflict,
  choice: ConflictChoice,
  author: string,
): Promise<void> {
  // What is chosen is wanted, and so in the journal, before the conflict leaves it.
  store.apply((state) => decided(state, conflict, choice, author));
  await queue.dropConflict(conflict.id);
}

function decided(
  state: AnnotationState,
  { maskId, mine }: Conflict,
  choice: ConflictChoice,
  author: string,
): AnnotationState {
  if (choice === "theirs") return state;
  if (choice === "mine") return actions.maskReplaced(state, maskId, mine);
  if (!mine) return state;
  const id = crypto.randomUUID();
  return actions.maskReplaced(state, id, { ...mine, id, author });
}

/** A sentence for the moment in which a conflict arises, on the image on the screen or on one that was left since. */
export function conflictNotice({ imageId, mine, theirs }: Conflict, shownId: number): string {
  const who = theirs.by ?? "Somebody else";
  const choose =
    imageId === shownId
      ? "choose in the side panel."
      : "choose on the image before, to which the state of saving below leads.";
  if (!mine) return `${who} changed a mask that you deleted. Both versions are kept; ${choose}`;
  if (!theirs.mask) return `${who} deleted a mask that you changed. Yours is kept; ${choose}`;
  return `${who} changed a mask of yours first. Both versions are kept; ${choose}`;
}

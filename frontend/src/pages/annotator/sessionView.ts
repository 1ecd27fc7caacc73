import type { Prompts } from "../../sam/prompts";
import type { EditedMask } from "./handEditing";
import { NOTHING_PROMPTED, type PromptingView } from "./promptingView";
import { NOTHING_PROPOSED, type ProposingView } from "./proposing";

/** What the session shows besides the store. */
export interface SessionView extends PromptingView, ProposingView {
  /** The mask a gesture by hand is changing right now. */
  readonly edited: EditedMask | null;
  /** Why what runs found on the image is not known; null where it is. */
  readonly proposalsFailure: { readonly code: string; readonly message: string } | null;
}

/** What the canvas draws as prompts: those on their way, or those of the draft. */
export function shownPrompts(view: SessionView, draft: { readonly prompts: Prompts }): Prompts {
  return view.pending ?? draft.prompts;
}

export const NOTHING_SHOWN: SessionView = {
  ...NOTHING_PROMPTED,
  ...NOTHING_PROPOSED,
  edited: null,
  proposalsFailure: null,
};

import type { Rung } from "../../inference/rungs";
import type { Prompts } from "../../sam/prompts";
import type { Candidate } from "../../state/annotation";
import type { LookState } from "./closerLook";

/** What prompting shows besides the store: the preview, and how the last decode went. */
export interface PromptingView {
  readonly preview: Candidate | null;
  /** The mask of prompts that are being dragged, in place of the draft's. */
  readonly dragged: Candidate | null;
  /** The candidate that is pointed at in a list, shown in place of the chosen one. */
  readonly peeked: Candidate | null;
  /** Prompts on their way to the decoder; null when nothing is. */
  readonly pending: Prompts | null;
  readonly lastDecode: { readonly rung: Rung; readonly decodeMs: number; readonly upsampleMs: number } | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
  /** How far a closer look at a small object is. */
  readonly look: LookState;
  /** The field for a word; null while it is closed. */
  readonly wordField: WordField | null;
}

/** A word that is typed, or waits for its answer. */
export interface WordField {
  /** The word on its way to the server; null while none is. */
  readonly asked: string | null;
  /** Why the word asked for last led to nothing. */
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export const NOTHING_PROMPTED: PromptingView = {
  preview: null,
  dragged: null,
  peeked: null,
  pending: null,
  lastDecode: null,
  failure: null,
  look: "none",
  wordField: null,
};

/** Whether a mask was asked for that has not come yet. */
export function isAsking({ pending, wordField }: Pick<PromptingView, "pending" | "wordField">): boolean {
  return pending !== null || (wordField !== null && wordField.asked !== null);
}

import type { Size } from "../geometry/size";
import type { DecodedMask } from "../inference/protocol";
import type { IndexedMask } from "../masks/columns";
import { NO_PROMPTS, promptCount, type PromptRecord, type Prompts } from "../sam/prompts";

/** A mask that was accepted; its revision is the save queue's business. */
export interface SavedMask {
  readonly id: string;
  readonly labelId: number;
  readonly mask: IndexedMask;
  readonly prompts: PromptRecord;
  /** "name@version" of the model, null for a mask drawn by hand. */
  readonly model: string | null;
  readonly predictedIou: number | null;
  readonly stabilityScore: number | null;
  readonly stage: "assisted_manual" | "semi_automatic" | "fully_automatic";
  readonly secondsSpent: number;
  readonly author: string | null;
}

/** A candidate of the decoder, ready for drawing. */
export interface Candidate extends DecodedMask {
  readonly mask: IndexedMask;
}

/** The mask being made: prompts, the candidates they led to, and the one chosen. */
export interface Draft {
  readonly prompts: Prompts;
  readonly candidates: readonly Candidate[];
  readonly chosen: number;
}

export const EMPTY_DRAFT: Draft = { prompts: NO_PROMPTS, candidates: [], chosen: 0 };

export interface AnnotationState {
  readonly size: Size;
  /** In the order they were made. */
  readonly masks: ReadonlyMap<string, SavedMask>;
  readonly draft: Draft;
  readonly selectedId: string | null;
  readonly labelId: number | null;
  readonly hiddenIds: ReadonlySet<string>;
}

export function initialState(size: Size, masks: readonly SavedMask[]): AnnotationState {
  return {
    size,
    masks: new Map(masks.map((mask) => [mask.id, mask])),
    draft: EMPTY_DRAFT,
    selectedId: null,
    labelId: null,
    hiddenIds: new Set(),
  };
}

export function chosenCandidate(draft: Draft): Candidate | null {
  return draft.candidates[draft.chosen] ?? null;
}

export function hasDraft(draft: Draft): boolean {
  return promptCount(draft.prompts) > 0;
}

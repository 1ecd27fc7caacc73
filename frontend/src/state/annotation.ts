import type { MaskTool } from "../api/types";
import type { Size } from "../geometry/size";
import type { IndexedMask } from "../masks/columns";
import type { CocoSegmentation } from "../masks/rleString";
import { NO_PROMPTS, promptCount, type PromptRecord, type Prompts } from "../sam/prompts";
import { NO_PROPOSALS, type Proposal, type Proposals } from "./proposals";

/** What is said of one attribute of a mask's label; null is "not said". */
export type AttributeValue = string | number | boolean | null;

/** A mask that was accepted; its revision is the save queue's business. */
export interface SavedMask {
  readonly id: string;
  /** Null for a mask that is labelled later. */
  readonly labelId: number | null;
  /** What is drawn over what: higher over lower, at one z the smaller mask over the larger one. */
  readonly z: number;
  /** By the id of the label's attribute; what is missing has the attribute's default. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly mask: IndexedMask;
  readonly prompts: PromptRecord;
  /** "name@version" of the model, null for a mask drawn by hand. */
  readonly model: string | null;
  readonly predictedIou: number | null;
  readonly stabilityScore: number | null;
  readonly stage: "assisted_manual" | "semi_automatic" | "fully_automatic";
  readonly secondsSpent: number;
  readonly author: string | null;
  /** What made this state of it; null where that was not said, as in journals of before. */
  readonly tool: MaskTool | null;
  /** What the model gave, where this was made of it by hand before it was accepted; null where it is that, or the server knows. */
  readonly modelSegmentation: CocoSegmentation | null;
}

/** A mask of the decoder, or one drawn by hand, ready for drawing. */
export interface Candidate {
  /** The decoder's mask number, 0 to 3. */
  readonly candidate: number;
  readonly predictedIou: number | null;
  readonly stabilityScore: number | null;
  /** The decoder's logits of exactly this mask; null once a hand has drawn in it. */
  readonly lowRes: Float32Array | null;
  readonly mask: IndexedMask;
  /** "name@version" of the model whose answer it is, or was made of; none where a hand alone drew it. */
  readonly model?: string;
  /** What a hand drew in it with last. */
  readonly tool?: MaskTool;
  /** What the decoder gave before a hand drew in it. */
  readonly modelMask?: IndexedMask;
}

/** A word that the mask being made was asked for with, and what it led to before any click. */
export interface WordPrompt {
  readonly word: string;
  /** The learned word nearest to it, and whether that is near enough to be meant. */
  readonly nearest: { readonly name: string; readonly isKnown: boolean };
  readonly candidates: readonly Candidate[];
  readonly chosen: number;
}

/** The mask being made: prompts, the candidates they led to, and the one chosen. */
export interface Draft {
  /** The saved mask this draft is to replace, null for a new one. */
  readonly refinedId: string | null;
  /** The proposal that is being put right before it is accepted, null for any other draft. */
  readonly proposal: Proposal | null;
  /** The word it began with, null for any other draft. */
  readonly word: WordPrompt | null;
  readonly prompts: Prompts;
  readonly candidates: readonly Candidate[];
  readonly chosen: number;
}

export const EMPTY_DRAFT: Draft = {
  refinedId: null,
  proposal: null,
  word: null,
  prompts: NO_PROMPTS,
  candidates: [],
  chosen: 0,
};

export interface AnnotationState {
  readonly size: Size;
  /** In the order they were made. */
  readonly masks: ReadonlyMap<string, SavedMask>;
  readonly draft: Draft;
  readonly selectedId: string | null;
  /** Selected besides, to be merged with the selected one or cut out of it. */
  readonly alsoSelectedIds: ReadonlySet<string>;
  readonly labelId: number | null;
  readonly hiddenIds: ReadonlySet<string>;
  /** Neither selected nor changed until unlocked. */
  readonly lockedIds: ReadonlySet<string>;
  /** Those that stand back while others are looked at alone; empty when nothing is looked at alone. */
  readonly soloHiddenIds: ReadonlySet<string>;
  /** What models found by themselves; not saved, and of the history only what was rejected. */
  readonly proposals: Proposals;
}

export function initialState(size: Size, masks: readonly SavedMask[]): AnnotationState {
  return {
    size,
    masks: new Map(masks.map((mask) => [mask.id, mask])),
    draft: EMPTY_DRAFT,
    selectedId: null,
    alsoSelectedIds: new Set(),
    labelId: null,
    hiddenIds: new Set(),
    lockedIds: new Set(),
    soloHiddenIds: new Set(),
    proposals: NO_PROPOSALS,
  };
}

export function chosenCandidate(draft: Draft): Candidate | null {
  return draft.candidates[draft.chosen] ?? null;
}

/** What the decoder gave where a candidate is, or was made of, an answer of its; null where it is not known or there was none. */
export function modelMaskOf({ modelMask, lowRes, mask }: Candidate): IndexedMask | null {
  return modelMask ?? (lowRes ? mask : null);
}

export function hasDraft(draft: Draft): boolean {
  return draft.candidates.length > 0 || promptCount(draft.prompts) > 0;
}

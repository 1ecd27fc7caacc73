import { toCoco } from "../masks/rleString";
import { promptCount, promptRecord, type Prompts } from "../sam/prompts";
import { yieldedMask } from "./yielding";
import {
  chosenCandidate,
  EMPTY_DRAFT,
  modelMaskOf,
  type AnnotationState,
  type Candidate,
  type SavedMask,
} from "./annotation";
import { proposalsAccepted, type Proposal } from "./proposals";
import { withoutSelected } from "./selection";

// Every action is (state, args) => state and knows nothing of undo, saving or drawing.

/** The decoder's answer to `prompts`, the first candidate chosen unless told otherwise. */
export function draftDecoded(
  state: AnnotationState,
  prompts: Prompts,
  candidates: readonly Candidate[],
  chosen = 0,
): AnnotationState {
  const { draft } = state;
  // The first click corrects the mask that is chosen of the word's; that one stays what all later ones go back to.
  const isFirst = promptCount(draft.prompts) === 0;
  const word = draft.word && isFirst ? { ...draft.word, chosen: draft.chosen } : draft.word;
  return {
    ...state,
    draft: { ...draft, word, prompts, candidates, chosen },
    selectedId: null,
    alsoSelectedIds: new Set(),
  };
}

/** Gives up the mask being made; one that was to be refined is selected again, unchanged, unless it was locked since. */
export function draftCancelled(state: AnnotationState): AnnotationState {
  const { refinedId } = state.draft;
  const isRefined = refinedId !== null && state.masks.has(refinedId) && !state.lockedIds.has(refinedId);
  return { ...state, draft: EMPTY_DRAFT, selectedId: isRefined ? refinedId : state.selectedId };
}

export function candidateChosen(state: AnnotationState, chosen: number): AnnotationState {
  if (chosen < 0 || chosen >= state.draft.candidates.length) return state;
  return { ...state, draft: { ...state.draft, chosen } };
}

/** The next candidate (or the one before), round and round. */
export function candidateCycled(state: AnnotationState, step: 1 | -1): AnnotationState {
  const count = state.draft.candidates.length;
  return count === 0 ? state : candidateChosen(state, (state.draft.chosen + step + count) % count);
}

export interface Acceptance {
  readonly id: string;
  readonly labelId: number | null;
  /** What it says at first: the defaults of its label. */
  readonly attributes: SavedMask["attributes"];
  /** Of masks that do not tell theirs. */
  readonly model: string;
  readonly secondsSpent: number;
  readonly author: string | null;
  /** Whether the mask leaves out the pixels of visible saved masks. */
  readonly yields: boolean;
}

/** Whether the mask being refined was locked since: nothing can be saved in its place. */
export function isDraftLocked({ draft, masks, lockedIds }: AnnotationState): boolean {
  return draft.refinedId !== null && masks.has(draft.refinedId) && lockedIds.has(draft.refinedId);
}

/**
 * The chosen candidate becomes a mask, or the new state of the mask that was refined. Unchanged when there is none,
 * it covers nothing or the refined mask is locked.
 */
export function draftAccepted(
  state: AnnotationState,
  { yields, ...acceptance }: Acceptance,
): AnnotationState {
  const candidate = chosenCandidate(state.draft);
  if (!candidate) return state;
  const { prompts, refinedId, proposal, word } = state.draft;
  const isByHand = promptCount(prompts) === 0 && word === null;
  const refined = refinedId === null ? undefined : state.masks.get(refinedId);
  // Nobody changed anything: no revision of it is made.
  if (refined && candidate.mask === refined.mask) return draftCancelled(state);
  if (isDraftLocked(state)) return state;
  if (proposal && candidate.mask === proposal.candidate.mask) {
    return proposedAccepted(state, proposal, { yields, ...acceptance });
  }
  const mask = yields ? yieldedMask(state, candidate.mask) : candidate.mask;
  if (mask.area === 0) return state;
  const made = {
    mask,
    // What the model said of the whole mask does not hold of a part of it.
    predictedIou: mask === candidate.mask ? candidate.predictedIou : null,
    stabilityScore: mask === candidate.mask ? candidate.stabilityScore : null,
  };
  const given = proposal ? proposal.candidate.mask : isByHand ? null : modelMaskOf(candidate);
  const modelSegmentation = given && given !== mask ? toCoco(given.rle) : null;
  const tool = candidate.tool ?? (prompts.box ? "box" : "smart");
  const model = candidate.model ?? acceptance.model;
  const promptsMade = { model, prompts: promptRecord(prompts, candidate.candidate) };
  const saved: SavedMask = refined
    ? {
        ...refined,
        ...made,
        ...(isByHand ? {} : promptsMade),
        // Drawn in by hand only: what its model gave is what it was.
        ...(given ? { modelSegmentation } : {}),
        tool,
        stage: "assisted_manual",
        secondsSpent: refined.secondsSpent + acceptance.secondsSpent,
      }
    : {
        ...acceptance,
        ...made,
        ...promptsMade,
        modelSegmentation,
        tool,
        z: 0,
        model: isByHand && !proposal ? null : model,
        ...(proposal ? fixOf(proposal) : { stage: "assisted_manual" }),
      };
  return {
    ...state,
    masks: new Map(state.masks).set(saved.id, saved),
    draft: EMPTY_DRAFT,
    selectedId: refined ? refined.id : null,
    alsoSelectedIds: new Set(),
  };
}

/** Put right by a person, a run's proposal is a mask of the second stage; one found here is as any other mask. */
function fixOf({ id, run }: Proposal): Pick<SavedMask, "id" | "stage"> {
  return { id, stage: run ? "semi_automatic" : "assisted_manual" };
}

/** A proposal that was looked at and left as it is. */
function proposedAccepted(
  state: AnnotationState,
  proposal: Proposal,
  acceptance: Acceptance,
): AnnotationState {
  const { id: _new, ...terms } = acceptance;
  const accepted = proposalsAccepted(state, [proposal], () => terms);
  return accepted === state
    ? state
    : { ...accepted, draft: EMPTY_DRAFT, selectedId: null, alsoSelectedIds: new Set() };
}

/** What somebody else, or another tab, made of a mask; null when they deleted it. Their change knows no locks. */
export function maskReplaced(state: AnnotationState, id: string, mask: SavedMask | null): AnnotationState {
  return masksReplaced(state, [[id, mask]]);
}

/** The same for many at once. */
export function masksReplaced(
  state: AnnotationState,
  replaced: readonly (readonly [string, SavedMask | null])[],
): AnnotationState {
  const masks = new Map(state.masks);
  const gone = new Set<string>();
  for (const [id, mask] of replaced) {
    if (mask) masks.set(id, mask);
    else if (masks.delete(id)) gone.add(id);
  }
  const isSame = gone.size === 0 && replaced.every(([, mask]) => mask === null);
  return isSame ? state : withoutSelected({ ...state, masks }, gone);
}

/** The label of masks to come; null when they are labelled later. */
export function labelChosen(state: AnnotationState, labelId: number | null): AnnotationState {
  return { ...state, labelId };
}

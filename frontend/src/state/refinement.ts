import { intersectMasks, masksEqual } from "../masks/combine";
import { maskContains, type IndexedMask } from "../masks/columns";
import { rleArea } from "../masks/rle";
import { FOREGROUND, NO_PROMPTS, promptCount, promptsOfRecord, type Prompts } from "../sam/prompts";
import { draftCancelled } from "./actions";
import {
  chosenCandidate,
  EMPTY_DRAFT,
  type AnnotationState,
  type Candidate,
  type SavedMask,
} from "./annotation";
import { promptsOfProposal, type Proposal } from "./proposals";

/**
 * A saved mask becomes the mask being made; accepting replaces it. The prompts that made it come back, to be dragged,
 * removed and added to; a mask without any is what the first click corrects.
 */
export function refinementBegun(state: AnnotationState, id: string): AnnotationState {
  const saved = state.masks.get(id);
  if (!saved || state.lockedIds.has(id)) return state;
  const prompts = promptsOfRecord(saved.prompts);
  const draft = { ...EMPTY_DRAFT, refinedId: id, prompts, candidates: [candidateOf(saved)] };
  return { ...state, draft, selectedId: null, alsoSelectedIds: new Set() };
}

/**
 * A proposal becomes the mask being made, with the click that found it; accepting saves it under the proposal's id. What
 * the model gave stays known, so that what people changed of it can be told.
 */
export function fixBegun(state: AnnotationState, id: string): AnnotationState {
  const proposal = state.proposals.found.get(id);
  if (!proposal || state.masks.has(id)) return state;
  const prompts = promptsOfRecord(promptsOfProposal(proposal));
  const draft = { ...EMPTY_DRAFT, proposal, prompts, candidates: [proposedCandidate(proposal)] };
  const labelId = proposal.run?.labelId ?? state.labelId;
  return { ...state, draft, labelId, selectedId: null, alsoSelectedIds: new Set() };
}

/**
 * The decoder's other answers to the prompts that came back, behind the saved mask. Where one of them is the saved
 * mask itself, its logits go with it. Nothing happens once the draft has moved on from `draft`.
 */
export function alternativesFound(
  state: AnnotationState,
  draft: AnnotationState["draft"],
  found: readonly Candidate[],
): AnnotationState {
  const saved = state.draft.candidates[0];
  if (state.draft !== draft || !saved) return state;
  const isSame = (other: Candidate) => masksEqual(other.mask.rle, saved.mask.rle);
  const lowRes = found.find(isSame)?.lowRes ?? null;
  const candidates = [{ ...saved, lowRes }, ...found.filter((other) => !isSame(other))];
  return { ...state, draft: { ...draft, candidates } };
}

/** Better answers to the prompts of `draft`, found later. Nothing happens once the draft has moved on or a hand drew in it. */
export function draftSharpened(
  state: AnnotationState,
  draft: AnnotationState["draft"],
  candidates: readonly Candidate[],
  chosen: number,
): AnnotationState {
  return state.draft === draft ? { ...state, draft: { ...draft, candidates, chosen } } : state;
}

/** Every prompt is gone: the mask being made with them, or what of it was there before. */
export function promptsCleared(state: AnnotationState): AnnotationState {
  const source = sourceOf(state);
  if (!source) return draftCancelled(state);
  const { word } = state.draft;
  const { candidates, chosen } = word ?? { candidates: [source.candidate], chosen: 0 };
  return { ...state, draft: { ...state.draft, prompts: NO_PROMPTS, candidates, chosen } };
}

/** Whether prompts were added to those of the draft, or some of those were moved, turned or removed. */
export type PromptChange = "added" | "changed";

/**
 * The mask that the decoder is given beside the prompts. Added ones correct the mask of the step before. After a
 * change that mask is no guide: it was made by a click that is elsewhere now. Then the prompts speak for themselves,
 * unless the mask did not come of prompts alone: one drawn in by hand, or saved without prompts, is what they correct.
 */
export function maskPromptBase(state: AnnotationState, change: PromptChange): Candidate | null {
  const chosen = chosenCandidate(state.draft);
  if (!chosen || change === "added") return chosen;
  const isByHand = chosen.lowRes === null && chosen.predictedIou === null;
  if (isByHand) return chosen;
  const source = sourceOf(state);
  return source && promptCount(source.prompts) === 0 ? source.candidate : null;
}

/** Which of the decoder's answers to offer first. */
export function candidateToChoose(
  state: AnnotationState,
  found: readonly Candidate[],
  prompts: Prompts,
  change: PromptChange,
  base: Candidate | null,
): number {
  const count = promptCount(prompts);
  const { draft } = state;
  // One click beside a mask that no click made: the decoder's own order takes it for a click alone.
  const isCorrection = base !== null && (base.lowRes === null || draft.word !== null);
  if (isCorrection && count === 1) return nearestCandidate(found, prompts, base.mask);
  if (change === "added" || count !== promptCount(draft.prompts)) return 0;
  const chosen = chosenCandidate(draft)?.candidate;
  return Math.max(0, found.findIndex(({ candidate }) => candidate === chosen)); // prettier-ignore
}

/**
 * Which of the decoder's answers corrects `mask`: of those that obey all clicks (of all, if none does) the one that
 * overlaps it most. One click beside a mask prompt leaves the decoder's own order for ambiguous clicks.
 */
export function nearestCandidate(
  candidates: readonly Candidate[],
  prompts: Prompts,
  mask: IndexedMask,
): number {
  const obeys = (candidate: Candidate) =>
    prompts.points.every(
      ({ point, label }) => maskContains(candidate.mask, point.x, point.y) === (label === FOREGROUND),
    );
  const overlap = ({ mask: other }: Candidate) => {
    const shared = rleArea(intersectMasks(other.rle, mask.rle));
    return shared / Math.max(1, other.area + mask.area - shared);
  };
  const ranks = candidates.map((candidate) => Number(obeys(candidate)) * 2 + overlap(candidate));
  return Math.max(0, ranks.indexOf(Math.max(...ranks)));
}

/** What the draft began as, with the prompts that came back: a saved mask, a proposal, or what a word led to; else null. */
function sourceOf({ draft, masks }: AnnotationState): { candidate: Candidate; prompts: Prompts } | null {
  if (draft.proposal) {
    const prompts = promptsOfRecord(promptsOfProposal(draft.proposal));
    return { candidate: proposedCandidate(draft.proposal), prompts };
  }
  const { word } = draft;
  const asked = word?.candidates[word.chosen];
  if (asked) return { candidate: asked, prompts: NO_PROMPTS };
  const refined = draft.refinedId === null ? undefined : masks.get(draft.refinedId);
  return refined ? { candidate: candidateOf(refined), prompts: promptsOfRecord(refined.prompts) } : null;
}

function proposedCandidate({ candidate }: Proposal): Candidate {
  return { ...candidate, modelMask: candidate.mask };
}

function candidateOf({ mask, model, prompts, predictedIou, stabilityScore }: SavedMask): Candidate {
  const given = { candidate: prompts.candidate, predictedIou, stabilityScore, lowRes: null, mask };
  return model === null ? given : { ...given, model };
}

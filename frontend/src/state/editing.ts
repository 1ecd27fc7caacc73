import type { MaskTool } from "../api/types";
import { emptyMask, masksEqual, subtractMask, unionMasks } from "../masks/combine";
import { indexMask, type IndexedMask } from "../masks/columns";
import { splitParts } from "../masks/parts";
import { rleArea, type Rle } from "../masks/rle";
import {
  chosenCandidate,
  EMPTY_DRAFT,
  modelMaskOf,
  type AnnotationState,
  type Candidate,
  type SavedMask,
} from "./annotation";
import { otherSelected } from "./selection";

/** What a hand works on: the mask being made, else the selected saved mask; null when there is neither. */
export function editTarget(state: AnnotationState): { id: string | null; mask: IndexedMask } | null {
  const candidate = chosenCandidate(state.draft);
  if (candidate) return { id: null, mask: candidate.mask };
  const selected = state.selectedId === null ? undefined : state.masks.get(state.selectedId);
  return selected ? { id: selected.id, mask: selected.mask } : null;
}

/**
 * The edited mask as `rle`; without a target a new mask is begun. What the model said of the old mask no longer
 * holds. An emptied new mask is given up; a saved one is never emptied (deleting does that), the state stays.
 */
export function maskEdited(state: AnnotationState, rle: Rle, tool: MaskTool = "other"): AnnotationState {
  const target = editTarget(state);
  if (masksEqual(rle, target?.mask.rle ?? emptyMask(state.size))) return state;
  const isEmpty = rleArea(rle) === 0;
  const edited = { mask: indexMask(rle), predictedIou: null, stabilityScore: null, tool };
  if (target && target.id !== null) return isEmpty ? state : withMask(state, target.id, edited);
  const { draft } = state;
  if (isEmpty) return draft.refinedId === null ? { ...state, draft: EMPTY_DRAFT } : state;
  const candidates = target
    ? draft.candidates.map((item, index) =>
        index === draft.chosen ? { ...item, ...edited, ...givenBy(item), lowRes: null } : item,
      )
    : [{ candidate: 0, lowRes: null, ...edited }];
  return { ...state, draft: { ...draft, candidates } };
}

/** The selected masks become one, the first selected; the others are gone. */
export function selectionMerged(state: AnnotationState): AnnotationState {
  const others = otherSelected(state);
  const target = selectedMask(state);
  if (!target || others.length === 0) return state;
  const rle = others.reduce((sum, { mask }) => unionMasks(sum, mask.rle), target.mask.rle);
  const merged = maskEdited(state, rle, "merge");
  const masks = new Map(merged.masks);
  for (const { id } of others) masks.delete(id);
  return { ...merged, masks, alsoSelectedIds: new Set() };
}

/** Cuts the other selected masks out of the first selected one; unchanged when nothing would be left. */
export function selectionSubtracted(state: AnnotationState): AnnotationState {
  const target = selectedMask(state);
  if (!target) return state;
  return maskEdited(
    state,
    otherSelected(state).reduce((rest, { mask }) => subtractMask(rest, mask.rle), target.mask.rle),
    "other",
  );
}

/** Whoever makes new masks of one that is there. */
export interface Maker {
  readonly author: string | null;
  readonly newId: () => string;
}

/** The selected mask's parts become masks of their own, of whoever splits it; the largest stays what it was. */
export function selectedSplit(state: AnnotationState, { author, newId }: Maker): AnnotationState {
  const target = selectedMask(state);
  const [largest, ...rest] = target ? splitParts(target.mask.rle) : [];
  if (!target || !largest || rest.length === 0) return state;
  const split = maskEdited(state, largest, "split");
  const masks = new Map(split.masks);
  for (const part of rest) {
    const id = newId();
    const scores = { predictedIou: null, stabilityScore: null, modelSegmentation: null, secondsSpent: 0 };
    masks.set(id, { ...target, ...scores, tool: "split", author, id, mask: indexMask(part) });
  }
  return { ...split, masks };
}

function givenBy(candidate: Candidate): Pick<Candidate, "modelMask"> {
  const modelMask = modelMaskOf(candidate);
  return modelMask ? { modelMask } : {};
}

function selectedMask(state: AnnotationState): SavedMask | null {
  if (state.selectedId === null || state.draft.candidates.length > 0) return null;
  return state.masks.get(state.selectedId) ?? null;
}

function withMask(state: AnnotationState, id: string, change: Partial<SavedMask>): AnnotationState {
  return { ...state, masks: new Map(state.masks).set(id, { ...state.masks.get(id)!, ...change }) };
}

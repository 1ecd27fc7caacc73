import type { Label } from "../../api/types";
import { DRAFT_RGB, maskColor, PROPOSAL_RGB, rgbOf, type Rgb } from "../../canvas/colors";
import type { MaskDrawing, MaskStyle } from "../../canvas/paint";
import type { IndexedMask } from "../../masks/columns";
import { chosenCandidate, type AnnotationState } from "../../state/annotation";
import { byDepth } from "../../state/depth";
import type { Conflict } from "../../state/pendingChange";
import { openProposals, type Proposal } from "../../state/proposals";
import type { ViewOptions } from "../../state/viewOptions";
import { yieldedMask } from "../../state/yielding";
import type { SessionView } from "./sessionView";

/** Of the inside at full opacity; outlines stay strong enough to be followed. */
const STRONGEST_FILL = 168;
const SELECTED_MORE = 66;

/** The saved masks as they are drawn: from the lowest to the topmost, the selected ones stronger. */
export function savedDrawings(
  masks: AnnotationState["masks"],
  selectedIds: ReadonlySet<string>,
  hiddenIds: ReadonlySet<string>,
  labels: readonly Label[],
  { maskOpacity, outlinesOnly, colorBy }: ViewOptions,
): MaskDrawing[] {
  const colors = new Map(labels.map((label) => [label.id, rgbOf(label.color)]));
  const fill = outlinesOnly ? 0 : STRONGEST_FILL * maskOpacity;
  return [...masks.values()]
    .filter((mask) => !hiddenIds.has(mask.id))
    .sort(byDepth)
    .map((mask) => {
      const isSelected = selectedIds.has(mask.id);
      return {
        mask: mask.mask,
        style: {
          color: maskColor(mask, colors.get(mask.labelId ?? 0), colorBy),
          fill: opacityOf(isSelected && !outlinesOnly ? fill + SELECTED_MORE : fill),
          outline: isSelected ? 255 : 210,
          thickness: isSelected ? 3 : 2,
        },
      };
    });
}

/** Never 0: what is drawn can be told from what is not. */
function opacityOf(value: number): number {
  return Math.min(255, Math.max(1, Math.round(value)));
}

/** The saved mask that is pointed at, over all others, so that its row and its pixels are seen to belong together. */
export function hoveredDrawings(
  { masks }: AnnotationState,
  hoveredId: string | null,
  labels: readonly Label[],
  { colorBy }: ViewOptions,
): MaskDrawing[] {
  const mask = hoveredId === null ? undefined : masks.get(hoveredId);
  if (!mask) return [];
  const label = labels.find(({ id }) => id === mask.labelId);
  const color = maskColor(mask, label ? rgbOf(label.color) : undefined, colorBy);
  return [{ mask: mask.mask, style: { color, fill: 40, outline: 255, thickness: 3 } }];
}

/** Own versions of masks that somebody else changed too, dashed over theirs, which are drawn as all others. */
export function conflictDrawings(
  conflicts: readonly Conflict[],
  labels: readonly Label[],
  { colorBy }: ViewOptions,
): MaskDrawing[] {
  return conflicts.flatMap(({ mine }) => {
    if (!mine) return [];
    const label = labels.find(({ id }) => id === mine.labelId);
    const color = maskColor(mine, label ? rgbOf(label.color) : undefined, colorBy);
    return [{ mask: mine.mask, style: { color, fill: 16, outline: 255, thickness: 3, dash: 8 } }];
  });
}

const EDITED: MaskStyle = { color: DRAFT_RGB, fill: 120, outline: 255, thickness: 2 };
const PREVIEWED: MaskStyle = { color: DRAFT_RGB, fill: 80, outline: 200, thickness: 1 };

/** Dashes, in device pixels: what is not saved has no whole outline. */
const PROPOSAL_DASH = 6;
const FAINTEST_PROPOSAL = 18;
const STRONGEST_PROPOSAL = 96;

/**
 * Proposals, dashed, the large ones below: the more confident the model was beside its best, the more opaque. Colours only
 * tell neighbours apart, and stay with a proposal, so that one that is decided leaves the others as they are painted. While
 * one of them is looked at by itself (`isCalm`) the others stand back.
 */
export function proposalDrawings(
  state: Pick<AnnotationState, "proposals" | "masks">,
  fixedId: string | null,
  isCalm: boolean,
): MaskDrawing[] {
  const open = openProposals(state);
  const best = Math.max(1e-6, ...open.map(({ candidate }) => candidate.predictedIou ?? 0));
  return open
    .filter(({ id }) => id !== fixedId)
    .sort((a, b) => b.candidate.mask.area - a.candidate.mask.area)
    .map((proposal) => {
      const { mask, predictedIou } = proposal.candidate;
      const share = Math.max(0, (predictedIou ?? 0) / best);
      const strong = isCalm ? 0 : share ** 2;
      const fill = opacityOf(FAINTEST_PROPOSAL + strong * (STRONGEST_PROPOSAL - FAINTEST_PROPOSAL));
      const color = proposalColor(proposal);
      return { mask, style: { color, fill, outline: isCalm ? 130 : 255, thickness: 2, dash: PROPOSAL_DASH } };
    });
}

/** The proposal that keys decide about, over all others. */
export function currentProposalDrawings(
  state: AnnotationState,
  { currentProposal, areProposalsShown }: SessionView,
): MaskDrawing[] {
  if (!currentProposal || !areProposalsShown || state.draft.proposal) return [];
  const current = openProposals(state).find(({ id }) => id === currentProposal.id);
  if (!current) return [];
  const style = {
    color: proposalColor(current),
    fill: 110,
    outline: 255,
    thickness: 3,
    dash: 2 * PROPOSAL_DASH,
  };
  return [{ mask: current.candidate.mask, style }];
}

function proposalColor({ id }: Proposal): Rgb {
  let hash = 0;
  for (const sign of id) hash = (hash * 31 + sign.charCodeAt(0)) >>> 0;
  return PROPOSAL_RGB[hash % PROPOSAL_RGB.length]!;
}

/** The mask being made, or the preview under the pointer, lighter; as it would be saved. */
export function currentDrawings(state: AnnotationState, view: SessionView, yields: boolean): MaskDrawing[] {
  const asSaved = (mask: IndexedMask) => (yields ? yieldedMask(state, mask) : mask);
  if (view.edited) {
    const { id, mask } = view.edited;
    return [{ mask: id === null ? asSaved(mask) : mask, style: EDITED }];
  }
  const isPeeked = view.peeked !== null && state.draft.candidates.includes(view.peeked);
  const candidate = view.dragged ?? (isPeeked ? view.peeked : chosenCandidate(state.draft));
  if (candidate) return [{ mask: asSaved(candidate.mask), style: EDITED }];
  return view.preview ? [{ mask: asSaved(view.preview.mask), style: PREVIEWED }] : [];
}

import type { Label } from "../../api/types";
import { DRAFT_RGB, PROPOSAL_RGB, rgbOf } from "../../canvas/colors";
import type { MaskDrawing, MaskStyle } from "../../canvas/paint";
import type { IndexedMask } from "../../masks/columns";
import { chosenCandidate, type AnnotationState } from "../../state/annotation";
import type { Conflict } from "../../state/pendingChange";
import { openProposals } from "../../state/proposals";
import { yieldedMask } from "../../state/yielding";
import type { SessionView } from "./session";

const UNKNOWN_LABEL = "#888888";

/** The saved masks as they are drawn: in their label's colour, large ones first, the selected one strongest. */
export function savedDrawings(
  masks: AnnotationState["masks"],
  selectedIds: ReadonlySet<string>,
  hiddenIds: ReadonlySet<string>,
  labels: readonly Label[],
): MaskDrawing[] {
  const colors = new Map(labels.map((label) => [label.id, rgbOf(label.color)]));
  return [...masks.values()]
    .filter((mask) => !hiddenIds.has(mask.id))
    .sort(
      (a, b) => Number(selectedIds.has(a.id)) - Number(selectedIds.has(b.id)) || b.mask.area - a.mask.area,
    )
    .map((mask) => {
      const isSelected = selectedIds.has(mask.id);
      return {
        mask: mask.mask,
        style: {
          color: colors.get(mask.labelId) ?? rgbOf(UNKNOWN_LABEL),
          fill: isSelected ? 150 : 84,
          outline: isSelected ? 255 : 210,
          thickness: isSelected ? 3 : 2,
        },
      };
    });
}

/** Own versions of masks that somebody else changed too, dashed over theirs, which are drawn as all others. */
export function conflictDrawings(conflicts: readonly Conflict[], labels: readonly Label[]): MaskDrawing[] {
  return conflicts.flatMap(({ mine }) => {
    if (!mine) return [];
    const color = rgbOf(labels.find(({ id }) => id === mine.labelId)?.color ?? UNKNOWN_LABEL);
    return [{ mask: mine.mask, style: { color, fill: 16, outline: 255, thickness: 3, dash: 8 } }];
  });
}

const EDITED: MaskStyle = { color: DRAFT_RGB, fill: 120, outline: 255, thickness: 2 };
const PREVIEWED: MaskStyle = { color: DRAFT_RGB, fill: 80, outline: 200, thickness: 1 };

/** What was found under a box, the one pointed at strongest. Colours only tell neighbours apart. */
export function proposalDrawings(state: AnnotationState, view: SessionView): MaskDrawing[] {
  if (!view.proposing) return [];
  const { hoveredId } = view.proposing;
  return openProposals(state)
    .map(({ id, candidate }, index) => ({
      id,
      mask: candidate.mask,
      color: PROPOSAL_RGB[index % PROPOSAL_RGB.length]!,
    }))
    .sort((a, b) => Number(a.id === hoveredId) - Number(b.id === hoveredId) || b.mask.area - a.mask.area)
    .map(({ id, mask, color }) => {
      const isHovered = id === hoveredId;
      return {
        mask,
        style: { color, fill: isHovered ? 170 : 70, outline: 255, thickness: isHovered ? 3 : 2 },
      };
    });
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

import { useMemo } from "react";
import type { Label } from "../../api/types";
import type { MaskDrawing } from "../../canvas/paint";
import type { AnnotationState } from "../../state/annotation";
import type { Conflict } from "../../state/pendingChange";
import type { ViewOptions } from "../../state/viewOptions";
import {
  conflictDrawings,
  currentDrawings,
  hoveredDrawings,
  currentProposalDrawings,
  proposalDrawings,
  savedDrawings,
} from "./drawings";
import type { SessionView } from "./sessionView";

interface Props {
  readonly state: AnnotationState;
  readonly view: SessionView;
  readonly labels: readonly Label[];
  readonly conflicts: readonly Conflict[];
  readonly options: ViewOptions;
  readonly areSavedShown: boolean;
  readonly hoveredId: string | null;
  readonly yields: boolean;
}

/** What the stage draws: the saved masks, made anew only when they look different, and over them what changes often. */
export function useDrawings(props: Props): {
  readonly saved: readonly MaskDrawing[];
  readonly current: readonly MaskDrawing[];
} {
  const { state, view, labels, conflicts, options, areSavedShown, hoveredId, yields } = props;
  const { masks, selectedId, alsoSelectedIds, hiddenIds, soloHiddenIds } = state;
  // The saved mask that is being changed is drawn by itself, so that a stroke repaints one mask and not all.
  const changingId = view.edited?.id ?? state.draft.refinedId;
  const saved = useMemo(() => {
    if (!areSavedShown) return [];
    const unseen = new Set([...hiddenIds, ...soloHiddenIds]);
    if (changingId !== null) unseen.add(changingId);
    const selected = new Set(alsoSelectedIds);
    if (selectedId !== null) selected.add(selectedId);
    return savedDrawings(masks, selected, unseen, labels, options);
  }, [
    masks,
    selectedId,
    alsoSelectedIds,
    hiddenIds,
    soloHiddenIds,
    labels,
    areSavedShown,
    changingId,
    options,
  ]);
  const current = useMemo(
    () => [
      ...hoveredDrawings(state, hoveredId, labels, options),
      ...conflictDrawings(conflicts, labels, options),
      ...currentProposalDrawings(state, view),
      ...currentDrawings(state, view, yields),
    ],
    [state, view, conflicts, hoveredId, labels, options, yields],
  );
  // With the saved masks, painted once: hundreds of them would be painted anew wherever the pointer moves.
  const fixedId = state.draft.proposal?.id ?? null;
  const { proposals } = state;
  const { areProposalsShown } = view;
  const isCalm = fixedId !== null || view.currentProposal?.by === "keys";
  const open = useMemo(
    () => (areProposalsShown ? proposalDrawings({ proposals, masks }, fixedId, isCalm) : []),
    [proposals, masks, areProposalsShown, fixedId, isCalm],
  );
  const below = useMemo(() => (open.length > 0 ? [...saved, ...open] : saved), [saved, open]);
  return { saved: below, current };
}

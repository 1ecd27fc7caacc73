import { useMemo } from "react";
import type { ProjectDetail } from "../../api/types";
import { useStable } from "../../components/common/useStable";
import * as actions from "../../state/actions";
import type { AnnotationState } from "../../state/annotation";
import { selectedIds } from "../../state/selection";
import type { ViewOptions } from "../../state/viewOptions";
import type { Hint } from "../../tools/keymap";
import type { AnnotationSession } from "./session";
import type { Objects } from "./useObjects";
import { rememberLabel } from "./useSession";

type Rules = Pick<ProjectDetail, "is_class_free">;

/** How the image is looked at: where there are no labels, masks cannot be told apart by theirs. */
export function useShownOptions(options: ViewOptions, { is_class_free: isClassFree }: Rules): ViewOptions {
  return useMemo(
    () => (isClassFree ? { ...options, colorBy: "instance" as const } : options),
    [options, isClassFree],
  );
}

interface Choosing {
  readonly project: Rules;
  readonly session: AnnotationSession;
  readonly state: AnnotationState;
  readonly objects: Objects;
  readonly onHint: (hint: Hint) => void;
}

/** Chooses the label of new masks and of those that are selected, where masks have labels. */
export function useLabelChoice({ project, session, state, objects, onHint }: Choosing) {
  return useStable((labelId: number | null) => {
    if (project.is_class_free) {
      onHint("Masks of this project have no labels.");
      return;
    }
    rememberLabel(labelId);
    session.store.apply((now) => actions.labelChosen(now, labelId));
    objects.actions.relabel(selectedIds(state), labelId);
  });
}

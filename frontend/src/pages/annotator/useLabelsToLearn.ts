import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Label } from "../../api/types";
import type { AnnotationState } from "../../state/annotation";
import { unknownLabelIds } from "../../state/objectList";
import { keys } from "../queries";

/** A colleague's new label comes with their first mask of it: the labels are read again, once for each of them. */
export function useLabelsToLearn(
  projectId: number,
  masks: AnnotationState["masks"],
  labels: readonly Label[],
): void {
  const queryClient = useQueryClient();
  const asked = useRef(new Set<number>());
  useEffect(() => {
    const unknown = unknownLabelIds(masks, labels).filter((id) => !asked.current.has(id));
    if (unknown.length === 0) return;
    for (const id of unknown) asked.current.add(id);
    void queryClient.invalidateQueries({ queryKey: keys.labels(projectId) });
  }, [queryClient, projectId, masks, labels]);
}

import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { ProjectModel } from "../../api/types";
import { keys } from "../queries";

/** What is to be read anew once a project has another model; `now` is that, where the server has told it. */
export function useModelTaken(projectId: number): (now: ProjectModel | null) => Promise<void> {
  const queryClient = useQueryClient();
  return useCallback(
    async (now) => {
      if (now) queryClient.setQueryData(keys.projectModel(projectId), now);
      const changed = [
        ...(now ? [] : [keys.projectModel(projectId)]),
        ...[keys.project(projectId), keys.projects, keys.training(projectId), keys.embeddings(projectId)],
        // Images tell with which model they are shown.
        ...[keys.images(projectId), keys.openImages, keys.audit(projectId)],
      ];
      await Promise.all(changed.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
    },
    [queryClient, projectId],
  );
}

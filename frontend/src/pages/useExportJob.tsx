import { Anchor } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { describeError } from "../api/errors";
import { startJob } from "../api/jobs";
import type { Unlabelled } from "../components/project/ExportDialog";
import { keys } from "./queries";

/** Starts a COCO export in the background. */
export function useExportJob(projectId: number) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (unlabelled: Unlabelled | null) =>
      startJob(projectId, {
        id: crypto.randomUUID(),
        kind: "export.coco",
        params: unlabelled ? { unlabelled } : {},
      }),
    onSuccess: async () => {
      notifications.show({
        title: "The export is being written",
        message: (
          <>
            The bell tells you when it is ready.{" "}
            <Anchor href={`/projects/${projectId}/jobs`}>See its progress</Anchor>
          </>
        ),
      });
      await queryClient.invalidateQueries({ queryKey: keys.jobs });
      await queryClient.invalidateQueries({ queryKey: keys.queue });
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "The export could not be started",
        message: describeError(error).message,
      }),
  });
}

import { Modal } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { describeError } from "../../api/errors";
import { startRun } from "../../api/proposals";
import type { Label, ProjectDetail } from "../../api/types";
import { runBody, type RunChoices } from "../../components/proposals/runChoices";
import { RunForm } from "../../components/proposals/RunForm";
import { keys } from "../queries";

interface Props {
  readonly project: ProjectDetail;
  readonly labels: readonly Label[];
  /** The images to be looked at; null where the dialog asks which. */
  readonly imageIds?: readonly number[] | null;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onStarted?: () => void;
}

/** Starts a run of the project's model over its images. */
export function NewRunModal({ project, labels, imageIds = null, isOpen, onClose, onStarted }: Props) {
  // The same as long as the dialog is open: an answer that was lost makes no second run.
  const [id] = useState(() => crypto.randomUUID());
  const queryClient = useQueryClient();
  const start = useMutation({
    mutationFn: (choices: RunChoices) => startRun(project.id, runBody(id, choices, imageIds)),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.proposalRuns(project.id) });
      void queryClient.invalidateQueries({ queryKey: keys.jobs });
      onClose();
      onStarted?.();
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "The run was not started",
        message: describeError(error).message,
      }),
  });
  return (
    <Modal opened={isOpen} onClose={onClose} title="Start a run" size="lg">
      <RunForm
        project={project}
        labels={labels}
        imageCount={imageIds?.length ?? null}
        isStarting={start.isPending}
        onStart={(choices) => start.mutate(choices)}
      />
    </Modal>
  );
}

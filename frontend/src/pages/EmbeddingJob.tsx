import { Skeleton } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { describeError } from "../api/errors";
import { cancelEmbeddings, fetchEmbeddings, retryEmbeddings } from "../api/jobs";
import { mayChange } from "../api/permissions";
import type { Project, ProjectEmbeddings } from "../api/types";
import { counted } from "../components/common/formats";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { JobLog } from "../components/jobs/JobLog";
import { JobRow } from "../components/jobs/JobRow";
import { embeddingLook, embeddingProblems, progressText } from "../components/jobs/jobTexts";
import { BUSY_POLL_MS, IDLE_POLL_MS } from "./JobItem";
import { keys } from "./queries";

interface Props {
  readonly project: Pick<Project, "id" | "name" | "allowed">;
  readonly withProject: boolean;
}

/** The embeddings of a project as if they were one job. */
export function EmbeddingJob({ project, withProject }: Props) {
  const [isOpen, setOpen] = useState(false);
  const figures = useQuery({
    queryKey: keys.embeddings(project.id),
    queryFn: () => fetchEmbeddings(project.id),
    refetchInterval: ({ state }) => (state.data && isWaiting(state.data) ? BUSY_POLL_MS : IDLE_POLL_MS),
  });
  const cancel = useAction(project.id, cancelEmbeddings, "The embeddings were not cancelled");
  const retry = useAction(project.id, retryEmbeddings, "The embeddings were not queued again");
  if (figures.isError && !figures.data) {
    return (
      <li>
        <ErrorNotice
          title="The embeddings could not be loaded"
          error={describeError(figures.error)}
          onRetry={() => void figures.refetch()}
        />
      </li>
    );
  }
  if (!figures.data) return <Skeleton component="li" height={76} radius="md" />;
  const { data } = figures;
  const total = data.queued + data.running + data.ready + data.failed + data.cancelled;
  const progress = { done: data.ready, total, unit: total === 1 ? "image" : "images" };
  const mayCancel = mayChange(project, "POST projects/{project_id}/embeddings/cancel/");
  const mayRetry = mayChange(project, "POST projects/{project_id}/embeddings/retry/");
  return (
    <JobRow
      kind="embeddings"
      title="Embedding"
      look={embeddingLook(data)}
      project={withProject ? project : null}
      about={
        isWaiting(data)
          ? "prepares images for annotation"
          : counted(data.ready, "image ready", "images ready")
      }
      progress={progress}
      progressText={isWaiting(data) ? progressText(progress, data.eta_seconds) : ""}
      problem={embeddingProblems(data)}
      file={null}
      place={null}
      cancel={mayCancel && data.queued > 0 ? cancel : null}
      retry={mayRetry && data.failed + data.cancelled > 0 ? retry : null}
      isOpen={isOpen}
      onToggle={() => setOpen(!isOpen)}
    >
      <JobLog
        entries={data.failures.map((failure) => ({
          key: failure.image,
          at: failure.at,
          level: "error",
          text: `${failure.file_name}: ${failure.error_message}`,
        }))}
        whenEmpty="Nothing failed."
      />
    </JobRow>
  );
}

function isWaiting({ queued, running }: ProjectEmbeddings): boolean {
  return queued + running > 0;
}

function useAction(projectId: number, act: (id: number) => Promise<ProjectEmbeddings>, failure: string) {
  const queryClient = useQueryClient();
  const action = useMutation({
    mutationFn: () => act(projectId),
    onSuccess: (figures) => queryClient.setQueryData(keys.embeddings(projectId), figures),
    onError: (error) =>
      notifications.show({ color: "orange", title: failure, message: describeError(error).message }),
  });
  return { isBusy: action.isPending, run: () => action.mutate() };
}

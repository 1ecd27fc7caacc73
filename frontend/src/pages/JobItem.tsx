import { Loader } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { describeError } from "../api/errors";
import { cancelJob, fetchJob, retryJob } from "../api/jobs";
import type { Job } from "../api/types";
import { sinceWhen } from "../components/common/formats";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { JobLog } from "../components/jobs/JobLog";
import { JobRow } from "../components/jobs/JobRow";
import { fileOf, lookOf, progressText } from "../components/jobs/jobTexts";
import { keys } from "./queries";

export const BUSY_POLL_MS = 1_500;
export const IDLE_POLL_MS = 10_000;

export function isUnfinished({ state }: Pick<Job, "state">): boolean {
  return state === "queued" || state === "running";
}

/** One job with what one may do with it, and its log on demand. */
export function JobItem({ job, withProject }: { readonly job: Job; readonly withProject: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const cancel = useJobAction(job, cancelJob, "The job was not cancelled");
  const retry = useJobAction(job, retryJob, "The job was not started again");
  const now = new Date();
  const who = job.created_by?.display_name ?? "The server";
  const about = `${who}, ${sinceWhen(new Date(job.created_at), now)}`;
  const isDone = job.state === "succeeded";
  return (
    <JobRow
      kind={job.kind}
      title={job.title}
      look={lookOf(job)}
      project={withProject && job.project !== null ? { id: job.project, name: job.project_name } : null}
      about={job.attempts > 1 ? `${about}, attempt ${job.attempts}` : about}
      progress={job.progress}
      progressText={isDone ? "" : progressText(job.progress, job.eta_seconds)}
      problem={job.error_message}
      file={job.allowed.includes("file") ? fileOf(job) : null}
      place={placeOf(job)}
      cancel={job.allowed.includes("cancel") ? cancel : null}
      retry={job.allowed.includes("retry") ? retry : null}
      isOpen={isOpen}
      onToggle={() => setOpen(!isOpen)}
    >
      <Log job={job} />
    </JobRow>
  );
}

/** The room in which what came of a job is shown whole. */
function placeOf({ kind, project, result }: Job): { to: string; text: string } | null {
  if (project === null) return null;
  const run = typeof result?.run === "number" ? result.run : null;
  switch (kind) {
    case "fairness":
      return { to: `/projects/${project}/quality?tab=fairness`, text: "Its groups" };
    case "evaluate": {
      const shown = typeof result?.evaluation === "number" ? `?shown=${result.evaluation}` : "";
      return { to: `/projects/${project}/evaluations${shown}`, text: "Its report" };
    }
    case "train":
      return {
        to: `/projects/${project}/models?tab=training${run === null ? "" : `&run=${run}`}`,
        text: "Its curve and what came of it",
      };
    case "propose":
      return {
        to: `/projects/${project}/proposals${run === null ? "" : `?run=${run}`}`,
        text: "What it found",
      };
    case "decide_proposals":
      return { to: `/projects/${project}/proposals`, text: "The contact sheet" };
    default:
      return null;
  }
}

function Log({ job }: { readonly job: Job }) {
  const detail = useQuery({
    // Of another attempt, or finished, there is more in it.
    queryKey: [...keys.job(job.id), job.state, job.attempts],
    queryFn: () => fetchJob(job.id),
    refetchInterval: isUnfinished(job) ? BUSY_POLL_MS : false,
    placeholderData: (before) => before,
  });
  if (detail.isError && !detail.data) {
    return (
      <ErrorNotice
        title="The log could not be loaded"
        error={describeError(detail.error)}
        onRetry={() => void detail.refetch()}
      />
    );
  }
  if (!detail.data) return <Loader size="sm" m="sm" aria-label="Loading the log" />;
  const entries = detail.data.log.map((line) => ({ ...line, key: line.number }));
  return <JobLog entries={entries} whenEmpty="No worker has begun with it yet." />;
}

function useJobAction(job: Job, act: (id: string) => Promise<Job>, failure: string) {
  const queryClient = useQueryClient();
  const action = useMutation({
    mutationFn: () => act(job.id),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.jobs }),
    onError: (error) =>
      notifications.show({ color: "orange", title: failure, message: describeError(error).message }),
  });
  return { isBusy: action.isPending, run: () => action.mutate() };
}

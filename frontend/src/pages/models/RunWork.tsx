import { Button, Collapse, Group, Progress, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { describeError } from "../../api/errors";
import { cancelJob, fetchJob, retryJob } from "../../api/jobs";
import type { Job, ProjectDetail, TrainingRunDetail } from "../../api/types";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { JobButtons, type JobAction } from "../../components/jobs/JobButtons";
import { JobLog } from "../../components/jobs/JobLog";
import { progressPercent } from "../../components/jobs/jobTexts";
import { percentText } from "../../components/models/trainingTexts";
import { BUSY_POLL_MS, isUnfinished } from "../JobItem";
import { keys } from "../queries";

interface Props {
  readonly project: ProjectDetail;
  readonly run: TrainingRunDetail;
}

/** How far a retraining is, what it said of itself, and what can be done about it. */
export function RunWork({ project, run }: Props) {
  const job = useQuery({
    queryKey: [...keys.job(run.job), run.state],
    queryFn: () => fetchJob(run.job),
    refetchInterval: isUnfinished(run) ? BUSY_POLL_MS : false,
    placeholderData: (before) => before,
  });
  const cancel = useJobAction(project.id, run, cancelJob, "The training was not cancelled");
  const retry = useJobAction(project.id, run, retryJob, "The training was not started again");
  const [isLogWanted, setLogWanted] = useState<boolean | null>(null);
  const isLogOpen = isLogWanted ?? run.state !== "succeeded";
  if (job.isError && !job.data) {
    return (
      <ErrorNotice
        title="The log could not be loaded"
        error={describeError(job.error)}
        onRetry={() => void job.refetch()}
      />
    );
  }
  const isCancelling = job.data?.is_cancelling ?? false;
  const { allowed = [], log = [], attempts = 1 } = job.data ?? {};
  return (
    <section className="surface" aria-label="Work">
      <Stack gap="xs" p="md">
        {isUnfinished(run) && (
          <>
            <Group justify="space-between" wrap="nowrap">
              <Text size="sm" data-testid="run-progress">
                {workText(run, isCancelling)}
              </Text>
              {attempts > 1 && (
                <Text size="sm" c="dimmed">
                  attempt {attempts}
                </Text>
              )}
            </Group>
            <Progress
              value={progressPercent(run.progress)}
              animated={run.state === "running"}
              aria-label="Progress of the training"
            />
          </>
        )}
        {run.error_message && (
          <Text size="sm" c="var(--app-error)" role="alert" style={{ overflowWrap: "anywhere" }}>
            {run.error_message}
          </Text>
        )}
        {run.state === "cancelled" && (
          <Text size="sm" c="dimmed">
            It was cancelled. Nothing came of it, and nothing was changed.
          </Text>
        )}
        <Group gap="xs">
          <JobButtons
            cancel={allowed.includes("cancel") && !isCancelling ? cancel : null}
            retry={allowed.includes("retry") ? retry : null}
            testId="run"
          />
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            leftSection={isLogOpen ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
            aria-expanded={isLogOpen}
            onClick={() => setLogWanted(!isLogOpen)}
            data-testid="run-log-toggle"
          >
            Log
          </Button>
        </Group>
      </Stack>
      <Collapse expanded={isLogOpen}>
        {isLogOpen && (
          <JobLog
            entries={log.map((line) => ({ ...line, key: line.number }))}
            whenEmpty="No worker has begun with it yet."
          />
        )}
      </Collapse>
    </section>
  );
}

function workText(run: TrainingRunDetail, isCancelling: boolean): string {
  if (isCancelling) return "It is being cancelled.";
  if (run.state === "queued") return "It begins as soon as a worker with the models is free.";
  const { done } = run.progress;
  const doing =
    done < PHASES.comparing ? "Training" : done < PHASES.exporting ? "Measuring both models" : "Exporting";
  return `${doing}: ${percentText(run)}`;
}

/** From which percent on the worker does what. */
const PHASES = { comparing: 85, exporting: 98 } as const;

function useJobAction(
  projectId: number,
  run: TrainingRunDetail,
  act: (id: string) => Promise<Job>,
  failure: string,
): JobAction {
  const queryClient = useQueryClient();
  const { isPending, mutate } = useMutation({
    mutationFn: () => act(run.job),
    onSettled: async () => {
      const changed = [keys.training(projectId), keys.job(run.job), keys.jobs];
      await Promise.all(changed.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
    },
    onError: (error) =>
      notifications.show({ color: "orange", title: failure, message: describeError(error).message }),
  });
  return { isBusy: isPending, run: () => mutate() };
}

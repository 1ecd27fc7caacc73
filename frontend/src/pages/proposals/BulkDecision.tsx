import { Button, Group, Stack, Text } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { describeError } from "../../api/errors";
import { cancelJob, fetchJob } from "../../api/jobs";
import { countProposals, startDeciding, type ProposalFilter } from "../../api/proposals";
import type { Job, Label } from "../../api/types";
import { counted } from "../../components/common/formats";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { JobProgress } from "../../components/jobs/JobProgress";
import { BUSY_POLL_MS, isUnfinished } from "../JobItem";
import { keys } from "../queries";

interface Props {
  readonly projectId: number;
  readonly filter: ProposalFilter;
  readonly threshold: number;
  readonly label: Label | null;
  /** The sheet is to be read anew. */
  readonly onDone: () => void;
}

type Wanted = Parameters<typeof startDeciding>[1];

/** One decision about all open proposals on one side of the threshold: a job, with progress, that can be taken back. */
export function BulkDecision({ projectId, filter, threshold, label, onDone }: Props) {
  const queryClient = useQueryClient();
  const [jobId, setJobId] = useLocalStorage<string | null>({
    key: `anymask.decidingJob.${projectId}`,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const above = { ...filter, state: "open", least: threshold, below: null } as const;
  const below = { ...filter, state: "open", least: null, below: threshold } as const;
  const counts = useQuery({
    queryKey: [...keys.proposalFigures(projectId), "counts", above],
    queryFn: async () => ({
      above: await countProposals(projectId, above),
      below: await countProposals(projectId, below),
    }),
    placeholderData: (before) => before,
  });
  const start = useMutation({
    mutationFn: (wanted: Wanted) => startDeciding(projectId, wanted),
    onSuccess: (job) => {
      setJobId(job.id);
      void queryClient.invalidateQueries({ queryKey: keys.jobs });
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "Nothing was decided",
        message: describeError(error).message,
      }),
  });
  const given = label ? { label: label.id } : {};
  const ask = (decision: "accept" | "reject", count: number, range: typeof above | typeof below) => {
    const isAccepting = decision === "accept";
    modals.openConfirmModal({
      title: `${isAccepting ? "Accept" : "Reject"} ${counted(count, "proposal")}?`,
      children: (
        <Text size="sm">
          {isAccepting
            ? `All open ones that are filtered, from a predicted IoU of ${threshold.toFixed(2)} on, become masks${label ? ` with the label ${label.name}` : ""}.`
            : `All open ones that are filtered, below a predicted IoU of ${threshold.toFixed(2)}, are rejected.`}{" "}
          It can be taken back.
        </Text>
      ),
      labels: { confirm: isAccepting ? "Accept them" : "Reject them", cancel: "Cancel" },
      onConfirm: () => start.mutate({ decision, range, ...given }),
    });
  };
  const known = counts.data;
  const isCounting = counts.isPlaceholderData || !known;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Button
          size="xs"
          disabled={isCounting || known.above === 0 || start.isPending}
          onClick={() => ask("accept", known!.above, above)}
          data-testid="bulk-accept"
          data-count={isCounting ? "" : known.above}
        >
          Accept all from {threshold.toFixed(2)} on ({known ? known.above.toLocaleString("en") : "…"})
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={isCounting || known.below === 0 || start.isPending}
          onClick={() => ask("reject", known!.below, below)}
          data-testid="bulk-reject"
          data-count={isCounting ? "" : known.below}
        >
          Reject all below {threshold.toFixed(2)} ({known ? known.below.toLocaleString("en") : "…"})
        </Button>
      </Group>
      {counts.isError && !known && (
        <ErrorNotice
          title="How many there are could not be counted"
          error={describeError(counts.error)}
          onRetry={() => void counts.refetch()}
        />
      )}
      {jobId !== null && (
        <Watched
          key={jobId}
          jobId={jobId}
          isStarting={start.isPending}
          onUndo={() => start.mutate({ decision: "reopen", of: jobId })}
          onClose={() => setJobId(null)}
          onDone={onDone}
        />
      )}
    </Stack>
  );
}

interface WatchedProps {
  readonly jobId: string;
  readonly isStarting: boolean;
  readonly onUndo: () => void;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** How far a decision about many is, and the way back. */
function Watched({ jobId, isStarting, onUndo, onClose, onDone }: WatchedProps) {
  const job = useQuery({
    queryKey: keys.job(jobId),
    queryFn: () => fetchJob(jobId),
    refetchInterval: ({ state }) => (!state.data || isUnfinished(state.data) ? BUSY_POLL_MS : false),
  });
  const cancel = useMutation({ mutationFn: () => cancelJob(jobId), onSettled: () => job.refetch() });
  const wasUnfinished = useRef(false);
  const isRunning = job.data !== undefined && isUnfinished(job.data);
  useEffect(() => {
    if (wasUnfinished.current && !isRunning) onDone();
    wasUnfinished.current = isRunning;
  }, [isRunning, onDone]);
  if (!job.data) return null;
  const { decided, isReopening } = resultOf(job.data);
  return (
    <div className="surface" style={{ padding: 10 }} data-testid="bulk-job" data-state={job.data.state}>
      <Group justify="space-between" align="flex-end">
        <div style={{ flex: 1 }}>
          <JobProgress job={job.data} />
          {job.data.state === "succeeded" && <Text size="sm">{resultText(job.data)}</Text>}
        </div>
        <Group gap={6}>
          {isRunning && (
            <Button
              size="xs"
              variant="default"
              loading={cancel.isPending}
              onClick={() => cancel.mutate()}
              data-testid="bulk-cancel"
            >
              Cancel
            </Button>
          )}
          {!isRunning && !isReopening && decided !== 0 && (
            <Button size="xs" variant="default" loading={isStarting} onClick={onUndo} data-testid="bulk-undo">
              Undo
            </Button>
          )}
          {!isRunning && (
            <Button size="xs" variant="subtle" color="gray" onClick={onClose} data-testid="bulk-close">
              Dismiss
            </Button>
          )}
        </Group>
      </Group>
    </div>
  );
}

/** `decided` is null where the job did not come to its end, and some may be decided all the same. */
function resultOf({ params, result }: Job): {
  decided: number | null;
  refused: number;
  isReopening: boolean;
} {
  const number = (value: unknown) => (typeof value === "number" ? value : null);
  return {
    decided: number(result?.["decided"]),
    refused: number(result?.["refused"]) ?? 0,
    isReopening: (params as { decision?: unknown }).decision === "reopen",
  };
}

function resultText(job: Job): string {
  const { decided, refused } = resultOf(job);
  const done = counted(decided ?? 0, "proposal decided", "proposals decided");
  return refused > 0
    ? `${done}, ${refused.toLocaleString("en")} refused: the log on the jobs page says why.`
    : `${done}.`;
}

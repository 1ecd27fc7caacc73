import { Button, Group, Progress, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { describeError } from "../../api/errors";
import { fetchJob } from "../../api/jobs";
import { startLooking, type Similar } from "../../api/likeness";
import type { Project } from "../../api/types";
import { counted } from "../../components/common/formats";
import { progressPercent, progressText } from "../../components/jobs/jobTexts";
import { BUSY_POLL_MS, isUnfinished } from "../JobItem";
import { keys } from "../queries";

interface Props {
  readonly project: Project;
  readonly similar: Similar;
  /** More is known: look again. */
  readonly onDone: () => void;
}

/** Masks that cannot be compared yet: how many, and how far the job is that looks at them. */
export function MasksToLookAt({ project, similar, onDone }: Props) {
  const [startedId, setStartedId] = useState<string | null>(null);
  const jobId = startedId ?? similar.job;
  const job = useQuery({
    queryKey: keys.job(jobId ?? ""),
    queryFn: () => fetchJob(jobId!),
    enabled: jobId !== null,
    refetchInterval: ({ state }) => (!state.data || isUnfinished(state.data) ? BUSY_POLL_MS : false),
  });
  const start = useMutation({
    mutationFn: () => startLooking(project.id),
    onSuccess: ({ id }) => setStartedId(id),
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "The masks are not looked at",
        message: describeError(error).message,
      }),
  });
  const isRunning = job.data !== undefined && isUnfinished(job.data);
  const isOver = job.data !== undefined && !isUnfinished(job.data);
  useEffect(() => {
    if (isOver) onDone();
  }, [isOver, onDone]);
  const mayStart = project.allowed.includes("POST projects/{project_id}/jobs/ mask_vectors");
  const number = similar.missing.toLocaleString("en");
  return (
    <Group gap="sm" className="surface" p={8} data-testid="masks-to-look-at" data-missing={similar.missing}>
      <Text size="sm" style={{ flex: "1 1 240px" }} aria-live="polite">
        {isRunning
          ? `Looking at masks: ${progressText(job.data.progress, job.data.eta_seconds) || "it begins as soon as a worker is free"}`
          : `${similar.missing === 1 ? counted(1, "mask") : `${number} masks`} not looked at yet${similar.is_ready ? "" : ", this one among them"}. What has no embedding waits for it.`}
      </Text>
      {isRunning && (
        <Progress
          w={180}
          value={progressPercent(job.data.progress)}
          animated={job.data.state === "running"}
          aria-label="Masks looked at"
        />
      )}
      {!isRunning && mayStart && (
        <Button
          size="xs"
          variant="default"
          loading={start.isPending || (jobId !== null && job.isPending)}
          onClick={() => start.mutate()}
          data-testid="look-at-masks"
        >
          Look at them now
        </Button>
      )}
    </Group>
  );
}

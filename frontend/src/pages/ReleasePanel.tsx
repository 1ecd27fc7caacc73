import { Loader } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fetchChecks } from "../api/checks";
import { describeError } from "../api/errors";
import { startJob } from "../api/jobs";
import type { Project } from "../api/types";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { firstChoices, releaseParams, type ReleaseChoices } from "../components/project/releaseChoices";
import { ReleaseForm } from "../components/project/ReleaseForm";
import { keys } from "./queries";

interface Props {
  readonly project: Project;
  readonly onStarted: (jobId: string) => void;
}

/** A release being prepared. Of the project's checks the newest ones can be cited. */
export function ReleasePanel({ project, onStarted }: Props) {
  const [choices, setChoices] = useState(() => firstChoices(project));
  const queryClient = useQueryClient();
  const checks = useQuery({
    queryKey: [...keys.checks(project.id), "newest"],
    queryFn: () => fetchChecks(project.id, null),
  });
  const start = useMutation({
    mutationFn: (wanted: ReleaseChoices) =>
      startJob(project.id, { id: crypto.randomUUID(), kind: "release", params: releaseParams(wanted) }),
    onSuccess: async (job) => {
      onStarted(job.id);
      await queryClient.invalidateQueries({ queryKey: keys.jobs });
      await queryClient.invalidateQueries({ queryKey: keys.queue });
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "The release could not be started",
        message: describeError(error).message,
      }),
  });
  if (checks.isError && !checks.data) {
    return (
      <ErrorNotice
        title="The quality checks could not be loaded"
        error={describeError(checks.error)}
        onRetry={() => void checks.refetch()}
      />
    );
  }
  if (!checks.data) return <Loader size="sm" aria-label="Loading the quality checks" />;
  return (
    <ReleaseForm
      checks={checks.data.rows.filter(({ closed_at, figures }) => closed_at !== null && figures !== null)}
      choices={choices}
      isStarting={start.isPending}
      onChange={setChoices}
      onStart={() => start.mutate(choices)}
    />
  );
}

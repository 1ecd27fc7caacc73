import { Anchor, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { describeError } from "../../api/errors";
import { fetchTrainingRun } from "../../api/training";
import type { ProjectDetail, TrainingRunDetail } from "../../api/types";
import { sinceWhen } from "../../components/common/formats";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { JobBadge } from "../../components/jobs/JobBadge";
import { CurveChart } from "../../components/models/CurveChart";
import { modelName } from "../../components/models/modelTexts";
import { RunFacts } from "../../components/models/RunFacts";
import { BUSY_POLL_MS, isUnfinished } from "../JobItem";
import { keys } from "../queries";
import { RunOutcome } from "./RunOutcome";
import { RunWork } from "./RunWork";

interface Props {
  readonly project: ProjectDetail;
  readonly runId: number;
}

/** One retraining: how far it is, or what came of it. */
export function RunSection({ project, runId }: Props) {
  const [, setSearch] = useSearchParams();
  const run = useQuery({
    queryKey: keys.trainingRun(project.id, runId),
    queryFn: () => fetchTrainingRun(runId),
    refetchInterval: ({ state }) => (!state.data || isUnfinished(state.data) ? BUSY_POLL_MS : false),
  });
  const back = (
    <Anchor
      component="button"
      type="button"
      size="sm"
      c="dimmed"
      w="fit-content"
      onClick={() => setSearch({ tab: "training" })}
    >
      All retrainings
    </Anchor>
  );
  if (run.isError && !run.data) {
    return (
      <Stack>
        {back}
        <ErrorNotice
          title="The retraining could not be loaded"
          error={describeError(run.error)}
          onRetry={() => void run.refetch()}
        />
      </Stack>
    );
  }
  if (!run.data) return <Skeleton height={320} radius="md" />;
  return (
    <Stack>
      {back}
      <Run project={project} run={run.data} />
    </Stack>
  );
}

function Run({ project, run }: { readonly project: ProjectDetail; readonly run: TrainingRunDetail }) {
  const who = run.created_by?.display_name ?? "Somebody who left";
  const work = <RunWork project={project} run={run} />;
  const hasCurve = run.curve.length > 0 || run.state === "running";
  return (
    <Stack gap="lg" data-testid="run" data-state={run.state} data-percent={run.progress.done}>
      <div>
        <Group gap="xs">
          <Title order={3}>Retraining of {modelName(run.parent)}</Title>
          <JobBadge look={run.state} />
        </Group>
        <Text size="sm" c="dimmed">
          {who}, {sinceWhen(new Date(run.created_at), new Date())}
        </Text>
      </div>
      {run.metrics && run.verdict !== "" && (
        <RunOutcome project={project} run={run} metrics={run.metrics} verdict={run.verdict} />
      )}
      {isUnfinished(run) && work}
      {hasCurve && <CurveChart points={run.curve} />}
      <RunFacts run={run} />
      {!isUnfinished(run) && work}
    </Stack>
  );
}

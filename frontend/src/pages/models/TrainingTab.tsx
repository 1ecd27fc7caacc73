import { Button, Group, Modal, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconSchool } from "@tabler/icons-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { describeError } from "../../api/errors";
import { fetchTrainingRuns } from "../../api/training";
import type { ProjectDetail } from "../../api/types";
import { EmptyState } from "../../components/common/EmptyState";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { ShowMore } from "../../components/common/ShowMore";
import { RunTable } from "../../components/models/RunTable";
import { BUSY_POLL_MS, IDLE_POLL_MS, isUnfinished } from "../JobItem";
import { keys } from "../queries";
import { RunSection } from "./RunSection";
import { StartTraining } from "./StartTraining";

/** The project's retrainings, or one of them, as the address says. */
export function TrainingTab({ project }: { readonly project: ProjectDetail }) {
  const [search] = useSearchParams();
  const run = Number(search.get("run"));
  return run > 0 ? <RunSection project={project} runId={run} /> : <Runs project={project} />;
}

function Runs({ project }: { readonly project: ProjectDetail }) {
  const [, setSearch] = useSearchParams();
  const [isFormOpen, setFormOpen] = useState(false);
  const runs = useInfiniteQuery({
    queryKey: keys.trainingRuns(project.id),
    queryFn: ({ pageParam }) => fetchTrainingRuns(project.id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.runs.some(isUnfinished)) ? BUSY_POLL_MS : IDLE_POLL_MS,
  });
  if (runs.isError && !runs.data) {
    return (
      <ErrorNotice
        title="The retrainings could not be loaded"
        error={describeError(runs.error)}
        onRetry={() => void runs.refetch()}
      />
    );
  }
  if (!runs.data) return <Skeleton height={200} radius="md" />;
  const rows = runs.data.pages.flatMap((page) => page.runs);
  const open = (run: number) => setSearch({ tab: "training", run: String(run) });
  const begin = (
    <Button
      leftSection={<IconSchool size={16} />}
      disabled={rows.some(isUnfinished)}
      onClick={() => setFormOpen(true)}
      data-testid="training-new"
    >
      Retrain the model
    </Button>
  );
  return (
    <Stack>
      {rows.length === 0 ? (
        <EmptyState icon={<IconSchool size={32} />} title="Not retrained yet" action={begin}>
          The model can learn from the masks you accepted, so that it needs fewer clicks on images like yours.
          Four in five accepted images are learned from, the fifth tells whether the new model is better. It
          is used only once you promote it, and you can always roll back.
        </EmptyState>
      ) : (
        <>
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              {rows.some(isUnfinished)
                ? "One retraining of a project is done at a time."
                : "The model learns from accepted masks, and is measured on accepted images it never saw."}
            </Text>
            {begin}
          </Group>
          <RunTable runs={rows} onOpen={({ id }) => open(id)} />
          <ShowMore query={runs} />
        </>
      )}
      <Modal opened={isFormOpen} onClose={() => setFormOpen(false)} title="Retrain the model" size="lg">
        <StartTraining project={project} onStarted={open} />
      </Modal>
    </Stack>
  );
}

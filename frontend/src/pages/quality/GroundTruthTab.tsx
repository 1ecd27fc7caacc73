import { Button, Group, Modal, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconPlus, IconTargetArrow } from "@tabler/icons-react";
import { useState } from "react";
import { describeError } from "../../api/errors";
import {
  fetchGroundTruths,
  fetchQualitySettings,
  fetchScores,
  setGroundTruthRate,
  unmarkGroundTruth,
} from "../../api/quality";
import type { GroundTruth, ProjectDetail } from "../../api/types";
import { EmptyState } from "../../components/common/EmptyState";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { ShowMore } from "../../components/common/ShowMore";
import { RateForm } from "../../components/quality/RateForm";
import { ScoreTable } from "../../components/quality/ScoreTable";
import { TruthTable } from "../../components/quality/TruthTable";
import { keys } from "../queries";
import { TruthChooser } from "./TruthChooser";

/** Images whose truth is known: which, how often they are given, and what was reached on them. */
export function GroundTruthTab({ project }: { readonly project: ProjectDetail }) {
  const [isChooserOpen, setChooserOpen] = useState(false);
  const settings = useQuery({
    queryKey: keys.qualitySettings(project.id),
    queryFn: () => fetchQualitySettings(project.id),
  });
  const truths = useInfiniteQuery({
    queryKey: keys.groundTruths(project.id),
    queryFn: ({ pageParam }) => fetchGroundTruths(project.id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
  });
  const changes = useTruthChanges(project.id);
  const error = settings.error ?? truths.error;
  if (error && !(settings.data && truths.data)) {
    return (
      <ErrorNotice
        title="The ground truths could not be loaded"
        error={describeError(error)}
        onRetry={() => {
          void settings.refetch();
          void truths.refetch();
        }}
      />
    );
  }
  if (!settings.data || !truths.data) return <Skeleton height={240} radius="md" />;
  const rows = truths.data.pages.flatMap((page) => page.rows);
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setChooserOpen(true)} data-testid="truth-add">
      Add images
    </Button>
  );
  return (
    <Stack gap="lg">
      <Paper withBorder p="md" radius="md">
        <RateForm
          key={settings.data.ground_truth_rate}
          rate={settings.data.ground_truth_rate}
          truths={settings.data.ground_truth_count}
          isSaving={changes.rate.isPending}
          onSave={(rate) => changes.rate.mutate(rate)}
        />
      </Paper>
      {rows.length === 0 ? (
        <EmptyState icon={<IconTargetArrow size={32} />} title="No ground truth yet" action={add}>
          Images whose masks are known to be good are given to annotators like any others, and what they draw
          is compared. They cannot tell, and do not see their scores.
        </EmptyState>
      ) : (
        <Stack gap="xs">
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              Withheld from annotators and viewers, also in their exports.
            </Text>
            {add}
          </Group>
          <TruthTable truths={rows} onUnmark={(truth) => changes.unmark.mutate(truth)} />
          <ShowMore query={truths} />
        </Stack>
      )}
      {rows.length > 0 && <Scores projectId={project.id} />}
      <Modal opened={isChooserOpen} onClose={() => setChooserOpen(false)} title="Accepted images" size="xl">
        <TruthChooser projectId={project.id} />
      </Modal>
    </Stack>
  );
}

function Scores({ projectId }: { readonly projectId: number }) {
  const scores = useInfiniteQuery({
    queryKey: keys.scores(projectId),
    queryFn: ({ pageParam }) => fetchScores(projectId, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
  });
  const rows = scores.data?.pages.flatMap((page) => page.rows);
  return (
    <Stack gap="xs">
      <Title order={4}>Scores</Title>
      {scores.isError && !rows && (
        <ErrorNotice
          title="The scores could not be loaded"
          error={describeError(scores.error)}
          onRetry={() => void scores.refetch()}
        />
      )}
      {scores.isPending && <Skeleton height={120} radius="md" />}
      {rows?.length === 0 && (
        <Text size="sm" c="dimmed">
          Nobody has submitted one yet.
        </Text>
      )}
      {rows && rows.length > 0 && <ScoreTable scores={rows} />}
      <ShowMore query={scores} />
    </Stack>
  );
}

function useTruthChanges(projectId: number) {
  const queryClient = useQueryClient();
  const onError = (error: unknown) =>
    notifications.show({
      color: "orange",
      title: "Nothing was changed",
      message: describeError(error).message,
    });
  const onSettled = async () => {
    await queryClient.invalidateQueries({ queryKey: keys.quality(projectId) });
    void queryClient.invalidateQueries({ queryKey: keys.images(projectId) });
  };
  const rate = useMutation({
    mutationFn: (wanted: number) => setGroundTruthRate(projectId, wanted),
    onError,
    onSettled,
  });
  const unmark = useMutation({
    mutationFn: (truth: GroundTruth) => unmarkGroundTruth(truth.image),
    onError,
    onSettled,
  });
  return { rate, unmark };
}

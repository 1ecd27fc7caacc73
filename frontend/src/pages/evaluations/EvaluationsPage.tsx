import "../../components/evaluations/evaluations.css";
import "../../components/proposals/proposals.css";
import { Anchor, Button, Group, Modal, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { IconReportAnalytics } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { describeError } from "../../api/errors";
import { fetchEvaluations, fetchEvaluationTasks } from "../../api/evaluations";
import { mayChange } from "../../api/permissions";
import type { ProjectDetail } from "../../api/types";
import { EmptyState } from "../../components/common/EmptyState";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { BUSY_POLL_MS, IDLE_POLL_MS, isUnfinished } from "../JobItem";
import { NotFoundPage } from "../NotFoundPage";
import { ProjectGate } from "../ProjectGate";
import { keys } from "../queries";
import { EvaluationList } from "./EvaluationList";
import { StartEvaluation } from "./StartEvaluation";

/** How good models are on a project's accepted masks; for who reviews it. */
export default function EvaluationsPage() {
  const projectId = Number(useParams().projectId);
  return (
    <ProjectGate projectId={projectId}>
      {(project) =>
        mayChange(project, "POST projects/{project_id}/work/next-review/") ? (
          <Evaluations project={project} />
        ) : (
          <NotFoundPage />
        )
      }
    </ProjectGate>
  );
}

function Evaluations({ project }: { readonly project: ProjectDetail }) {
  const [isFormOpen, setFormOpen] = useState(false);
  const mayStart = mayChange(project, "POST projects/{project_id}/evaluations/");
  const tasks = useQuery({ queryKey: keys.evaluationTasks, queryFn: fetchEvaluationTasks });
  const query = useInfiniteQuery({
    queryKey: keys.evaluationPages(project.id),
    queryFn: ({ pageParam }) => fetchEvaluations(project.id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.evaluations.some(isUnfinished)) ? BUSY_POLL_MS : IDLE_POLL_MS,
  });
  const all = query.data?.pages.flatMap((page) => page.evaluations) ?? [];
  const failed = query.error ?? tasks.error;
  const start = mayStart && (
    <Button
      leftSection={<IconReportAnalytics size={16} />}
      onClick={() => setFormOpen(true)}
      data-testid="evaluation-new"
    >
      New evaluation
    </Button>
  );
  return (
    <Stack gap="md">
      <Anchor component={Link} to={`/projects/${project.id}`} size="sm" c="dimmed" w="fit-content">
        {project.name}
      </Anchor>
      <Group justify="space-between">
        <Title order={2}>Evaluations</Title>
        {all.length > 0 && start}
      </Group>
      {failed && !(query.data && tasks.data) ? (
        <ErrorNotice
          title="The evaluations could not be loaded"
          error={describeError(failed)}
          onRetry={() => {
            void query.refetch();
            void tasks.refetch();
          }}
        />
      ) : !query.data || !tasks.data ? (
        <Skeleton height={240} radius="md" />
      ) : all.length === 0 ? (
        <EmptyState icon={<IconReportAnalytics size={32} />} title="No evaluation yet" action={start}>
          An evaluation tells how good a version of a model is on this project’s accepted masks: how many it
          finds by itself, how well its masks fit boxes. So one sees whether a retrained model is worth its
          place.
          {!mayStart && " Owners and managers of the project start them."}
        </EmptyState>
      ) : (
        <>
          <Text size="sm" c="dimmed">
            How good models are on this project’s accepted masks. Two by the same task can be compared.
          </Text>
          <EvaluationList project={project} tasks={tasks.data} all={all} query={query} mayStart={mayStart} />
        </>
      )}
      <Modal opened={isFormOpen} onClose={() => setFormOpen(false)} title="New evaluation" size="lg">
        {tasks.data && (
          <StartEvaluation project={project} tasks={tasks.data} onStarted={() => setFormOpen(false)} />
        )}
      </Modal>
    </Stack>
  );
}

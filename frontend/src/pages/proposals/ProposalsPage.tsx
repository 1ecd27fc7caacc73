import { Anchor, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconPlayerPlay, IconSparkles } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { describeError } from "../../api/errors";
import { mayChange } from "../../api/permissions";
import { fetchLabels } from "../../api/projects";
import type { ProjectDetail } from "../../api/types";
import { EmptyState } from "../../components/common/EmptyState";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import "../../components/proposals/proposals.css";
import { ProjectGate } from "../ProjectGate";
import { keys } from "../queries";
import { NewRunModal } from "./NewRunModal";
import { RunsSection } from "./RunsSection";
import { SheetSection } from "./SheetSection";
import { useRuns } from "./useRuns";
import { useSheetFilter } from "./useSheetFilter";

/** What models found on a project's images by themselves: runs, and the contact sheet on which many are decided at once. */
export default function ProposalsPage() {
  const projectId = Number(useParams().projectId);
  return <ProjectGate projectId={projectId}>{(project) => <Proposals project={project} />}</ProjectGate>;
}

function Proposals({ project }: { readonly project: ProjectDetail }) {
  const [isFormOpen, setFormOpen] = useState(false);
  const { filter, setFilter } = useSheetFilter();
  const runs = useRuns(project.id);
  const labels = useQuery({ queryKey: keys.labels(project.id), queryFn: () => fetchLabels(project.id) });
  const failed = runs.query.error ?? labels.error;
  const mayStart = mayChange(project, "POST projects/{project_id}/proposal-runs/");
  const start = mayStart && (
    <Button
      leftSection={<IconPlayerPlay size={16} />}
      onClick={() => setFormOpen(true)}
      data-testid="run-open"
    >
      Start a run
    </Button>
  );
  const hasRuns = runs.all.length > 0;
  return (
    <Stack gap="md">
      <Anchor component={Link} to={`/projects/${project.id}`} size="sm" c="dimmed" w="fit-content">
        {project.name}
      </Anchor>
      <Group justify="space-between">
        <Title order={2}>Proposals</Title>
        {hasRuns && start}
      </Group>
      {failed && !(runs.query.data && labels.data) ? (
        <ErrorNotice
          title="The proposals could not be loaded"
          error={describeError(failed)}
          onRetry={() => {
            void runs.query.refetch();
            void labels.refetch();
          }}
        />
      ) : !runs.query.data || !labels.data ? (
        <Skeleton height={240} radius="md" />
      ) : !hasRuns ? (
        <EmptyState icon={<IconSparkles size={32} />} title="No proposals yet" action={start}>
          The model looks at every image by itself and proposes masks. In stage 2 people meet them on each
          image: they accept, fix or reject them by a key each, and draw what is missing. In stage 3 its masks
          come on a contact sheet, where those above a confidence are accepted at once.
          {!mayStart && " Owners and managers of the project start such runs."}
        </EmptyState>
      ) : (
        <>
          <RunsSection
            project={project}
            runs={runs}
            labels={labels.data}
            chosen={filter.run}
            onChoose={(run) => setFilter({ ...filter, run })}
          />
          <SheetSection
            key={project.id}
            project={project}
            runs={runs.all}
            labels={labels.data}
            filter={filter}
            onFilter={setFilter}
          />
        </>
      )}
      {labels.data && (
        <NewRunModal
          // Begun anew each time.
          key={String(isFormOpen)}
          project={project}
          labels={labels.data}
          isOpen={isFormOpen}
          onClose={() => setFormOpen(false)}
        />
      )}
      {hasRuns && (
        <Text size="xs" c="dimmed">
          Stages as in the data engine of Segment Anything, section 4.
        </Text>
      )}
    </Stack>
  );
}

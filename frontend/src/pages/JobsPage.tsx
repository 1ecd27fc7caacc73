import { Anchor, Group, SegmentedControl, Skeleton, Stack, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { IconListCheck } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { describeError } from "../api/errors";
import { fetchJobs } from "../api/jobs";
import { fetchProjects } from "../api/projects";
import type { JobState, Project } from "../api/types";
import { EmptyState } from "../components/common/EmptyState";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { ShowMore } from "../components/common/ShowMore";
import { EmbeddingJob } from "./EmbeddingJob";
import { ExportAction } from "./ExportAction";
import { BUSY_POLL_MS, IDLE_POLL_MS, isUnfinished, JobItem } from "./JobItem";
import { LiveQueueHealth } from "./LiveQueueHealth";
import { ProjectGate } from "./ProjectGate";
import { keys } from "./queries";

type Choice = "all" | "unfinished" | "failed";

const STATES: Readonly<Record<Choice, readonly JobState[]>> = {
  all: [],
  unfinished: ["queued", "running"],
  failed: ["failed", "cancelled"],
};
/** Projects whose embeddings are shown beside the jobs of all projects. */
const MOST_PROJECTS = 8;

/** What goes on in the background: of one project, or of all of them. */
export default function JobsPage() {
  const { projectId } = useParams();
  return projectId === undefined ? <JobsOfAll /> : <JobsOfProject projectId={Number(projectId)} />;
}

function JobsOfProject({ projectId }: { readonly projectId: number }) {
  return (
    <ProjectGate projectId={projectId}>
      {(project) => (
        <Stack gap="md">
          <Anchor component={Link} to={`/projects/${projectId}`} size="sm" c="dimmed" w="fit-content">
            {project.name}
          </Anchor>
          <Group justify="space-between">
            <Title order={2}>Jobs</Title>
            <ExportAction project={project} />
          </Group>
          <JobList projectId={projectId} projects={project.image_count > 0 ? [project] : []} />
        </Stack>
      )}
    </ProjectGate>
  );
}

function JobsOfAll() {
  const projects = useQuery({
    queryKey: keys.projects,
    queryFn: fetchProjects,
    refetchInterval: IDLE_POLL_MS,
  });
  const unsettled = (projects.data ?? []).filter(({ embedding_counts: { queued, running, failed } }) =>
    Boolean(queued + running + failed),
  );
  return (
    <Stack gap="md">
      <Title order={2}>Jobs</Title>
      <JobList projectId={null} projects={unsettled.slice(0, MOST_PROJECTS)} />
    </Stack>
  );
}

interface ListProps {
  /** Null for all projects. */
  readonly projectId: number | null;
  /** Those whose embeddings are shown as jobs. */
  readonly projects: readonly Pick<Project, "id" | "name" | "allowed">[];
}

function JobList({ projectId, projects }: ListProps) {
  const [choice, setChoice] = useState<Choice>("all");
  const jobs = useInfiniteQuery({
    queryKey: [...keys.jobs, projectId, choice],
    queryFn: ({ pageParam }) => fetchJobs(projectId, STATES[choice], pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
    // Not in tabs nobody sees: the query stops there by itself.
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.jobs.some(isUnfinished)) ? BUSY_POLL_MS : IDLE_POLL_MS,
    placeholderData: (before) => before,
  });
  const rows = jobs.data?.pages.flatMap((page) => page.jobs) ?? [];
  const embeddings = choice === "all" ? projects : [];
  const isEmpty = jobs.data !== undefined && rows.length === 0 && embeddings.length === 0;
  return (
    <>
      <LiveQueueHealth />
      <SegmentedControl
        w="fit-content"
        value={choice}
        onChange={(value) => setChoice(value)}
        data={[
          { value: "all", label: "All" },
          { value: "unfinished", label: "Not finished" },
          { value: "failed", label: "Failed or cancelled" },
        ]}
        aria-label="Which jobs"
      />
      {jobs.isError && (
        <ErrorNotice
          title="The jobs could not be loaded"
          error={describeError(jobs.error)}
          onRetry={() => void jobs.refetch()}
        />
      )}
      {jobs.isPending && <Skeleton height={76} radius="md" />}
      <ul className="job-list" aria-label="Jobs">
        {embeddings.map((project) => (
          <EmbeddingJob key={project.id} project={project} withProject={projectId === null} />
        ))}
        {rows.map((job) => (
          <JobItem key={job.id} job={job} withProject={projectId === null} />
        ))}
      </ul>
      {isEmpty && (
        <EmptyState
          icon={<IconListCheck size={32} />}
          title={choice === "all" ? "No jobs yet" : "None of those"}
        >
          Long work, like exports of large projects, is done in the background and shown here.
        </EmptyState>
      )}
      <ShowMore query={jobs}>Show earlier ones</ShowMore>
    </>
  );
}

import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiError, describeError } from "../api/errors";
import { fetchProject } from "../api/projects";
import type { ProjectDetail } from "../api/types";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { NotFoundPage } from "./NotFoundPage";
import { keys } from "./queries";

interface Props {
  readonly projectId: number;
  /** How long until it is asked for again; false for not at all. */
  readonly pollMs?: (project: ProjectDetail) => number | false;
  readonly children: (project: ProjectDetail) => ReactNode;
}

/** A page of a project, once the project is there: before it a skeleton, else why it cannot be had. */
export function ProjectGate({ projectId, pollMs, children }: Props) {
  const project = useQuery({
    queryKey: keys.project(projectId),
    queryFn: () => fetchProject(projectId),
    refetchInterval: ({ state }) => (state.data && pollMs ? pollMs(state.data) : false),
  });
  if (project.error instanceof ApiError && project.error.status === 404) return <NotFoundPage />;
  if (project.isError && !project.data) {
    return (
      <ErrorNotice
        title="The project could not be loaded"
        error={describeError(project.error)}
        onRetry={() => void project.refetch()}
      />
    );
  }
  if (!project.data) return <Skeleton height={220} radius="md" />;
  return children(project.data);
}

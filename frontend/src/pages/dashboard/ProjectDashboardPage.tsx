import { Anchor, Skeleton, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { ApiError, describeError } from "../../api/errors";
import { fetchProject } from "../../api/projects";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { NotFoundPage } from "../NotFoundPage";
import { keys } from "../queries";
import { Dashboard } from "./Dashboard";

export default function ProjectDashboardPage() {
  const projectId = Number(useParams().projectId);
  const project = useQuery({ queryKey: keys.project(projectId), queryFn: () => fetchProject(projectId) });
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
  return (
    <Stack gap="md">
      <Anchor component={Link} to={`/projects/${projectId}`} size="sm" c="dimmed" w="fit-content">
        {project.data.name}
      </Anchor>
      <Title order={2}>Dashboard</Title>
      <Dashboard projectId={projectId} />
    </Stack>
  );
}

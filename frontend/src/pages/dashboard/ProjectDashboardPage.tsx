import { Anchor, Stack, Title } from "@mantine/core";
import { Link, useParams } from "react-router";
import { ProjectGate } from "../ProjectGate";
import { Dashboard } from "./Dashboard";

export default function ProjectDashboardPage() {
  const projectId = Number(useParams().projectId);
  return (
    <ProjectGate projectId={projectId}>
      {(project) => (
        <Stack gap="md">
          <Anchor component={Link} to={`/projects/${projectId}`} size="sm" c="dimmed" w="fit-content">
            {project.name}
          </Anchor>
          <Title order={2}>Dashboard</Title>
          <Dashboard projectId={projectId} />
        </Stack>
      )}
    </ProjectGate>
  );
}

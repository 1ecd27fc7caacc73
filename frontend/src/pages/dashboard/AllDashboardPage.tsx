import { Anchor, Stack, Title } from "@mantine/core";
import { Link } from "react-router";
import { Dashboard } from "./Dashboard";

/** Across the projects that one owns, manages or reviews. */
export default function AllDashboardPage() {
  return (
    <Stack gap="md">
      <Anchor component={Link} to="/" size="sm" c="dimmed" w="fit-content">
        All projects
      </Anchor>
      <Title order={2}>Dashboard</Title>
      <Dashboard projectId={null} />
    </Stack>
  );
}

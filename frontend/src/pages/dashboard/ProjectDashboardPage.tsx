import "@mantine/charts/styles.css";
import "../../components/dashboard/dashboard.css";
import { Anchor, Stack, Tabs, Title } from "@mantine/core";
import { IconChartBar, IconRefresh } from "@tabler/icons-react";
import { Link, useParams, useSearchParams } from "react-router";
import { ProjectGate } from "../ProjectGate";
import { Dashboard } from "./Dashboard";
import { EngineTab } from "./EngineTab";

const ENGINE = "engine";
const WORK = "work";

export default function ProjectDashboardPage() {
  const projectId = Number(useParams().projectId);
  const [search, setSearch] = useSearchParams();
  const tab = search.get("tab") === ENGINE ? ENGINE : WORK;
  return (
    <ProjectGate projectId={projectId}>
      {(project) => (
        <Stack gap="md">
          <Anchor component={Link} to={`/projects/${projectId}`} size="sm" c="dimmed" w="fit-content">
            {project.name}
          </Anchor>
          <Title order={2}>Dashboard</Title>
          <Tabs
            value={tab}
            onChange={(name) => setSearch(name === ENGINE ? { tab: ENGINE } : {})}
            keepMounted={false}
          >
            <Tabs.List mb="md">
              <Tabs.Tab value={WORK} leftSection={<IconChartBar size={16} />}>
                Work
              </Tabs.Tab>
              <Tabs.Tab value={ENGINE} leftSection={<IconRefresh size={16} />} data-testid="engine-tab">
                Data engine
              </Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value={WORK}>
              <Dashboard projectId={projectId} />
            </Tabs.Panel>
            <Tabs.Panel value={ENGINE}>
              <EngineTab projectId={projectId} />
            </Tabs.Panel>
          </Tabs>
        </Stack>
      )}
    </ProjectGate>
  );
}

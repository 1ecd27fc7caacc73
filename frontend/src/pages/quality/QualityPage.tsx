import { Anchor, Group, Skeleton, Stack, Tabs, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconChartBar, IconTargetArrow, IconUsersGroup } from "@tabler/icons-react";
import { Link, useParams, useSearchParams } from "react-router";
import { ApiError, describeError } from "../../api/errors";
import { mayChange } from "../../api/permissions";
import { fetchProject } from "../../api/projects";
import type { ProjectDetail } from "../../api/types";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { NotFoundPage } from "../NotFoundPage";
import { keys } from "../queries";
import { AgreementSection } from "./AgreementSection";
import { ConsensusTab } from "./ConsensusTab";
import { GroundTruthTab } from "./GroundTruthTab";

/** How good the masks of a project's people are; for who manages it. */
export default function QualityPage() {
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
  if (!mayChange(project.data, "POST projects/{project_id}/quality/rounds/")) return <NotFoundPage />;
  return <Quality project={project.data} />;
}

const TABS = ["consensus", "truth", "agreement"] as const;

function Quality({ project }: { readonly project: ProjectDetail }) {
  const [search, setSearch] = useSearchParams();
  const tab = TABS.find((name) => name === search.get("tab")) ?? "consensus";
  return (
    <Stack gap="md">
      <Anchor component={Link} to={`/projects/${project.id}`} size="sm" c="dimmed" w="fit-content">
        {project.name}
      </Anchor>
      <Group justify="space-between">
        <Title order={2}>Quality</Title>
      </Group>
      <Tabs value={tab} onChange={(name) => setSearch({ tab: name ?? "consensus" })} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="consensus" leftSection={<IconUsersGroup size={16} />}>
            Consensus
          </Tabs.Tab>
          <Tabs.Tab value="truth" leftSection={<IconTargetArrow size={16} />}>
            Ground truth
          </Tabs.Tab>
          <Tabs.Tab value="agreement" leftSection={<IconChartBar size={16} />}>
            Agreement
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="consensus">
          <ConsensusTab project={project} />
        </Tabs.Panel>
        <Tabs.Panel value="truth">
          <GroundTruthTab project={project} />
        </Tabs.Panel>
        <Tabs.Panel value="agreement">
          <AgreementSection projectId={project.id} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

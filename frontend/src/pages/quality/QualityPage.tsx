import { Anchor, Group, Stack, Tabs, Title } from "@mantine/core";
import {
  IconChartBar,
  IconRosetteDiscountCheck,
  IconScale,
  IconTargetArrow,
  IconUsersGroup,
} from "@tabler/icons-react";
import { Link, useParams, useSearchParams } from "react-router";
import { mayChange } from "../../api/permissions";
import type { ProjectDetail } from "../../api/types";
import { NotFoundPage } from "../NotFoundPage";
import { ProjectGate } from "../ProjectGate";
import { AgreementSection } from "./AgreementSection";
import { CheckTab } from "./CheckTab";
import { ConsensusTab } from "./ConsensusTab";
import { FairnessTab } from "./FairnessTab";
import { GroundTruthTab } from "./GroundTruthTab";

/** How good the masks of a project's people are, and those of its model; for who reviews it, all of it for who manages it. */
export default function QualityPage() {
  const projectId = Number(useParams().projectId);
  return (
    <ProjectGate projectId={projectId}>
      {(project) =>
        mayChange(project, "POST projects/{project_id}/work/next-review/") ? (
          <Quality project={project} />
        ) : (
          <NotFoundPage />
        )
      }
    </ProjectGate>
  );
}

const TABS = ["consensus", "truth", "check", "agreement", "fairness"] as const;
// What only those see who manage a project.
const OF_MANAGERS: readonly string[] = ["consensus", "truth", "check"];

function Quality({ project }: { readonly project: ProjectDetail }) {
  const [search, setSearch] = useSearchParams();
  const isManaged = mayChange(project, "POST projects/{project_id}/quality/rounds/");
  const tabs = TABS.filter((name) => isManaged || !OF_MANAGERS.includes(name));
  const tab = tabs.find((name) => name === search.get("tab")) ?? tabs[0]!;
  return (
    <Stack gap="md">
      <Anchor component={Link} to={`/projects/${project.id}`} size="sm" c="dimmed" w="fit-content">
        {project.name}
      </Anchor>
      <Group justify="space-between">
        <Title order={2}>Quality</Title>
      </Group>
      <Tabs value={tab} onChange={(name) => setSearch({ tab: name ?? tabs[0]! })} keepMounted={false}>
        <Tabs.List mb="md">
          {isManaged && (
            <>
              <Tabs.Tab value="consensus" leftSection={<IconUsersGroup size={16} />}>
                Consensus
              </Tabs.Tab>
              <Tabs.Tab value="truth" leftSection={<IconTargetArrow size={16} />}>
                Ground truth
              </Tabs.Tab>
              <Tabs.Tab value="check" leftSection={<IconRosetteDiscountCheck size={16} />}>
                Release check
              </Tabs.Tab>
            </>
          )}
          <Tabs.Tab value="agreement" leftSection={<IconChartBar size={16} />}>
            Agreement
          </Tabs.Tab>
          <Tabs.Tab value="fairness" leftSection={<IconScale size={16} />} data-testid="fairness-tab">
            Fairness
          </Tabs.Tab>
        </Tabs.List>
        {isManaged && (
          <>
            <Tabs.Panel value="consensus">
              <ConsensusTab project={project} />
            </Tabs.Panel>
            <Tabs.Panel value="truth">
              <GroundTruthTab project={project} />
            </Tabs.Panel>
            <Tabs.Panel value="check">
              <CheckTab project={project} />
            </Tabs.Panel>
          </>
        )}
        <Tabs.Panel value="agreement">
          <AgreementSection projectId={project.id} />
        </Tabs.Panel>
        <Tabs.Panel value="fairness">
          <FairnessTab project={project} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

import "@mantine/charts/styles.css";
import "../../components/dashboard/dashboard.css";
import "../../components/models/models.css";
import { Anchor, Stack, Tabs, Title } from "@mantine/core";
import { IconBox, IconSchool, IconStack2 } from "@tabler/icons-react";
import { Link, useParams, useSearchParams } from "react-router";
import { mayChange } from "../../api/permissions";
import type { ProjectDetail } from "../../api/types";
import { ProjectGate } from "../ProjectGate";
import { ModelTab } from "./ModelTab";
import { RegistryTab } from "./RegistryTab";
import { TrainingTab } from "./TrainingTab";

/** The model a project is labelled with, its retraining, and the models there are. */
export default function ModelsPage() {
  const projectId = Number(useParams().projectId);
  return <ProjectGate projectId={projectId}>{(project) => <Models project={project} />}</ProjectGate>;
}

const TABS = ["model", "training", "registry"] as const;

function Models({ project }: { readonly project: ProjectDetail }) {
  const [search, setSearch] = useSearchParams();
  const mayTrain = mayChange(project, "POST projects/{project_id}/training-runs/");
  const asked = TABS.find((name) => name === search.get("tab")) ?? "model";
  const tab = asked === "training" && !mayTrain ? "model" : asked;
  return (
    <Stack gap="md">
      <Anchor component={Link} to={`/projects/${project.id}`} size="sm" c="dimmed" w="fit-content">
        {project.name}
      </Anchor>
      <Title order={2}>Models</Title>
      <Tabs value={tab} onChange={(name) => setSearch({ tab: name ?? "model" })} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="model" leftSection={<IconBox size={16} />}>
            This project
          </Tabs.Tab>
          {mayTrain && (
            <Tabs.Tab value="training" leftSection={<IconSchool size={16} />} data-testid="training-tab">
              Retraining
            </Tabs.Tab>
          )}
          <Tabs.Tab value="registry" leftSection={<IconStack2 size={16} />} data-testid="registry-tab">
            All models
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="model">
          <ModelTab project={project} />
        </Tabs.Panel>
        {mayTrain && (
          <Tabs.Panel value="training">
            <TrainingTab project={project} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="registry">
          <RegistryTab project={project} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

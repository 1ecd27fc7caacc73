import { Anchor, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery } from "@tanstack/react-query";
import { IconArrowBackUp } from "@tabler/icons-react";
import { Link } from "react-router";
import { describeError } from "../../api/errors";
import { fetchModels } from "../../api/models";
import { mayChange } from "../../api/permissions";
import { fetchProjectModel, rollBackModel } from "../../api/training";
import type { ModelKey, ProjectDetail } from "../../api/types";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { ModelCard } from "../../components/models/ModelCard";
import { ModelEmbeddings } from "../../components/models/ModelEmbeddings";
import { ModelHistory } from "../../components/models/ModelHistory";
import { modelName, rollBackText } from "../../components/models/modelTexts";
import { BUSY_POLL_MS, IDLE_POLL_MS } from "../JobItem";
import { keys } from "../queries";
import { useModelTaken } from "./useModelTaken";

/** The project's model, how far its images are with it, and the ones it had. */
export function ModelTab({ project }: { readonly project: ProjectDetail }) {
  const model = useQuery({
    queryKey: keys.projectModel(project.id),
    queryFn: () => fetchProjectModel(project.id),
    refetchInterval: ({ state }) => {
      const { queued = 0, running = 0 } = state.data?.embeddings ?? {};
      return queued + running > 0 ? BUSY_POLL_MS : IDLE_POLL_MS;
    },
  });
  const models = useQuery({ queryKey: keys.models, queryFn: fetchModels });
  const failed = [model, models].find((query) => query.isError && !query.data);
  if (failed) {
    return (
      <ErrorNotice
        title="The project’s model could not be loaded"
        error={describeError(failed.error)}
        onRetry={() => void failed.refetch()}
      />
    );
  }
  if (!model.data || !models.data) return <Skeleton height={260} radius="md" />;
  const { model: used, embeddings, previous, history } = model.data;
  const mayRollBack = mayChange(project, "POST projects/{project_id}/model/roll-back/");
  return (
    <Stack gap="lg">
      <ModelCard
        model={used}
        models={models.data}
        actions={previous && mayRollBack && <RollBack project={project} used={used} previous={previous} />}
      >
        <ModelEmbeddings embeddings={embeddings} />
      </ModelCard>
      <section aria-label="Changes of the model">
        <Group justify="space-between" mb="sm">
          <Title order={3} fz="lg">
            Changes
          </Title>
          {mayChange(project, "POST projects/{project_id}/work/next-review/") && (
            <Anchor
              component={Link}
              to={`/projects/${project.id}/dashboard?tab=engine`}
              size="sm"
              data-testid="engine-open"
            >
              What each of them brought: the data engine
            </Anchor>
          )}
        </Group>
        <ModelHistory changes={history} />
      </section>
    </Stack>
  );
}

interface RollBackProps {
  readonly project: ProjectDetail;
  readonly used: ModelKey;
  readonly previous: ModelKey;
}

function RollBack({ project, used, previous }: RollBackProps) {
  const taken = useModelTaken(project.id);
  const back = useMutation({
    mutationFn: () => rollBackModel(project.id),
    onSuccess: async (now) => {
      notifications.show({ color: "teal", message: `The project uses ${modelName(now.model)} again.` });
      await taken(now);
    },
    onError: async (error) => {
      notifications.show({
        color: "orange",
        title: "Nothing was changed",
        message: describeError(error).message,
      });
      await taken(null);
    },
  });
  const ask = () =>
    modals.openConfirmModal({
      title: `Roll back to ${modelName(previous)}?`,
      children: (
        <Stack gap="xs">
          <Text size="sm">
            It takes the place of {modelName(used)}, which stays on the server and can be chosen again.
          </Text>
          <Text size="sm">{rollBackText(project.image_count)}</Text>
        </Stack>
      ),
      labels: { confirm: "Roll back", cancel: "Keep it" },
      onConfirm: () => back.mutate(),
    });
  return (
    <Button
      variant="default"
      leftSection={<IconArrowBackUp size={16} />}
      loading={back.isPending}
      onClick={ask}
      data-testid="model-roll-back"
    >
      Roll back to {modelName(previous)}
    </Button>
  );
}

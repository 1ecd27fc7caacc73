import { Skeleton, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery } from "@tanstack/react-query";
import { IconStack2 } from "@tabler/icons-react";
import { ApiError, describeError } from "../../api/errors";
import { fetchModels } from "../../api/models";
import { mayChange } from "../../api/permissions";
import { updateProject } from "../../api/projects";
import type { ModelVersion, ProjectDetail } from "../../api/types";
import { EmptyState } from "../../components/common/EmptyState";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { changeText, modelName } from "../../components/models/modelTexts";
import { RegistryTable } from "../../components/models/RegistryTable";
import { keys } from "../queries";
import { useModelTaken } from "./useModelTaken";

/** All models of the server, the newest first, and choosing one for the project. */
export function RegistryTab({ project }: { readonly project: ProjectDetail }) {
  const models = useQuery({ queryKey: keys.models, queryFn: fetchModels });
  const taken = useModelTaken(project.id);
  const use = useMutation({
    mutationFn: (model: ModelVersion) => updateProject(project.id, { model: model.id }),
    onSuccess: async (_, model) => {
      notifications.show({ color: "teal", message: `The project uses ${modelName(model)} now.` });
      await taken(null);
    },
    onError: async (error, model) => {
      notifications.show({
        color: "orange",
        title: "Nothing was changed",
        message: refusalText(error, model),
        autoClose: 15_000,
      });
      await taken(null);
    },
  });
  if (models.isError && !models.data) {
    return (
      <ErrorNotice
        title="The models could not be loaded"
        error={describeError(models.error)}
        onRetry={() => void models.refetch()}
      />
    );
  }
  if (!models.data) return <Skeleton height={200} radius="md" />;
  if (models.data.length === 0) {
    return (
      <EmptyState icon={<IconStack2 size={32} />} title="No models">
        None is registered on this server. <code>manage.py register_models</code> reads them from its folder.
      </EmptyState>
    );
  }
  const ask = (model: ModelVersion) =>
    modals.openConfirmModal({
      title: `Use ${modelName(model)} in this project?`,
      children: (
        <Stack gap="xs">
          <Text size="sm">It takes the place of {modelName(project.model)}, to which you can roll back.</Text>
          <Text size="sm">{changeText(project.image_count)}</Text>
        </Stack>
      ),
      labels: { confirm: "Use this model", cancel: "Keep the one of now" },
      onConfirm: () => use.mutate(model),
    });
  return (
    <Stack gap="xs">
      <RegistryTable
        models={[...models.data].reverse()}
        usedId={project.model.id}
        busyId={use.isPending ? use.variables.id : null}
        onUse={mayChange(project, "PATCH projects/{project_id}/") ? ask : null}
      />
      <Text size="xs" c="dimmed">
        The time for an image, on what stands below it, and that for a click on the processor were measured
        where the model’s files were made. Mean IoU is that of retrained models, each on images of the project
        it was trained in: it does not compare models of different projects.
      </Text>
    </Stack>
  );
}

/** A retrained model that is not better is not taken by the way: where it was trained one may say so twice. */
function refusalText(error: unknown, model: ModelVersion): string {
  if (error instanceof ApiError && error.code === "training.worse") {
    return `Nothing shows that ${modelName(model)} is better than the model it came from. It can be promoted all the same where it was trained, under “Retraining”.`;
  }
  return describeError(error).message;
}

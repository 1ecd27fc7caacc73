import { Skeleton } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { describeError } from "../../api/errors";
import { startEvaluation, type EvaluationTask } from "../../api/evaluations";
import { fetchModels } from "../../api/models";
import type { ProjectDetail } from "../../api/types";
import { EvaluationForm, type EvaluationChoices } from "../../components/evaluations/EvaluationForm";
import { modelName } from "../../components/models/modelTexts";
import { keys } from "../queries";

interface Props {
  readonly project: ProjectDetail;
  readonly tasks: readonly EvaluationTask[];
  readonly onStarted: () => void;
}

/** The form of a new evaluation with the models there are. */
export function StartEvaluation({ project, tasks, onStarted }: Props) {
  const queryClient = useQueryClient();
  // The same form sent twice makes one evaluation.
  const [id] = useState(() => crypto.randomUUID());
  const models = useQuery({ queryKey: keys.models, queryFn: fetchModels });
  const start = useMutation({
    mutationFn: ({ task, model, settings }: EvaluationChoices) =>
      startEvaluation(project.id, { id, task, model, settings: { ...settings } }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.evaluations(project.id) });
      void queryClient.invalidateQueries({ queryKey: keys.jobs });
      onStarted();
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "The evaluation was not started",
        message: describeError(error).message,
      }),
  });
  if (models.isPending) return <Skeleton height={320} radius="md" />;
  return (
    <EvaluationForm
      tasks={tasks}
      model={modelName(project.model)}
      models={(models.data ?? []).map(modelName)}
      isStarting={start.isPending}
      onStart={(choices) => start.mutate(choices)}
    />
  );
}

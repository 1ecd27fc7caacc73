import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { describeError } from "../../api/errors";
import { startReport } from "../../api/fairness";
import { fetchModels } from "../../api/models";
import type { ProjectDetail } from "../../api/types";
import { ReportForm, type ReportChoices } from "../../components/fairness/ReportForm";
import { modelName } from "../../components/models/modelTexts";
import { keys } from "../queries";

interface Props {
  readonly project: ProjectDetail;
  readonly onStarted: () => void;
}

/** The form of a new report with the models there are. */
export function StartReport({ project, onStarted }: Props) {
  const queryClient = useQueryClient();
  // The same form sent twice makes one report.
  const [id] = useState(() => crypto.randomUUID());
  const models = useQuery({ queryKey: keys.models, queryFn: fetchModels });
  const start = useMutation({
    mutationFn: ({ model, maxMasks, seed, firstClick }: ReportChoices) =>
      startReport(project.id, { id, model, max_masks: maxMasks, seed, first_click: firstClick }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.fairness(project.id) });
      void queryClient.invalidateQueries({ queryKey: keys.jobs });
      onStarted();
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "The report was not started",
        message: describeError(error).message,
      }),
  });
  return (
    <ReportForm
      model={modelName(project.model)}
      models={(models.data ?? []).map(modelName)}
      isStarting={start.isPending}
      onStart={(choices) => start.mutate(choices)}
    />
  );
}

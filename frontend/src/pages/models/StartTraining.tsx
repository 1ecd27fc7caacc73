import { notifications } from "@mantine/notifications";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { describeError } from "../../api/errors";
import { mayChange } from "../../api/permissions";
import { fetchProjects } from "../../api/projects";
import { fetchMaterial, startTraining } from "../../api/training";
import type { ProjectDetail } from "../../api/types";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { modelName } from "../../components/models/modelTexts";
import { RunForm, type RunChoice } from "../../components/models/RunForm";
import { keys } from "../queries";

interface Props {
  readonly project: ProjectDetail;
  readonly onStarted: (runId: number) => void;
}

/** The form of a new retraining with what it needs to know. */
export function StartTraining({ project, onStarted }: Props) {
  const queryClient = useQueryClient();
  // The same form sent twice makes one run.
  const [id] = useState(() => crypto.randomUUID());
  const [projects, setProjects] = useState<readonly number[]>([]);
  const all = useQuery({ queryKey: keys.projects, queryFn: fetchProjects });
  const material = useQuery({
    queryKey: keys.material(project.id, projects),
    queryFn: () => fetchMaterial(project.id, projects),
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
  const start = useMutation({
    mutationFn: ({ projects: chosen, parts, minutes, steps }: RunChoice) =>
      startTraining(project.id, { id, projects: [...chosen], parts, max_minutes: minutes, steps }),
    onSuccess: (run) => {
      onStarted(run.id);
      for (const queryKey of [keys.training(project.id), keys.jobs, keys.queue]) {
        void queryClient.invalidateQueries({ queryKey });
      }
    },
    onError: (error) => {
      notifications.show({
        color: "orange",
        title: "The training was not started",
        message: describeError(error).message,
      });
      // Somebody may have taken an acceptance back, or begun one first.
      void queryClient.invalidateQueries({ queryKey: keys.training(project.id) });
    },
  });
  const failed = [all, material].find((query) => query.isError && !query.data);
  if (failed) {
    return (
      <ErrorNotice
        title="What a training needs could not be loaded"
        error={describeError(failed.error)}
        onRetry={() => void failed.refetch()}
      />
    );
  }
  const others = (all.data ?? []).filter(
    (one) => one.id !== project.id && mayChange(one, "POST projects/{project_id}/training-runs/"),
  );
  return (
    <RunForm
      projectName={project.name}
      modelName={modelName(project.model)}
      others={others}
      material={material.data ?? null}
      projects={projects}
      onProjects={setProjects}
      isStarting={start.isPending}
      onStart={(choice) => start.mutate(choice)}
    />
  );
}

import { Loader, Modal } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { describeError } from "../api/errors";
import { mayChange } from "../api/permissions";
import { createLabel, deleteLabel, fetchLabels, updateLabel } from "../api/projects";
import type { LabelWrite, Project } from "../api/types";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { LabelEditor } from "../components/project/LabelEditor";
import { LabelLegend } from "../components/project/LabelLegend";
import { keys } from "./queries";

interface Props {
  readonly project: Project;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

type LabelChange =
  | { readonly kind: "create"; readonly label: LabelWrite }
  | { readonly kind: "update"; readonly id: number; readonly change: Partial<LabelWrite> }
  | { readonly kind: "delete"; readonly id: number };

/** The project's labels, each change saved at once. */
export function LabelsModal({ project, isOpen, onClose }: Props) {
  const projectId = project.id;
  const isMine = mayChange(project, "PATCH labels/{label_id}/");
  const queryClient = useQueryClient();
  const labels = useQuery({
    queryKey: keys.labels(projectId),
    queryFn: () => fetchLabels(projectId),
    enabled: isOpen,
  });
  const change = useMutation({
    mutationFn: async (wanted: LabelChange) => {
      if (wanted.kind === "create") await createLabel(projectId, wanted.label);
      else if (wanted.kind === "update") await updateLabel(wanted.id, wanted.change);
      else await deleteLabel(wanted.id);
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "The label was not changed",
        message: describeError(error).message,
      }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.labels(projectId) }),
  });
  return (
    <Modal opened={isOpen} onClose={onClose} title="Labels" size="xl">
      {labels.isPending && <Loader size="sm" aria-label="Loading the labels" />}
      {labels.isError && (
        <ErrorNotice
          title="The labels could not be loaded"
          error={describeError(labels.error)}
          onRetry={() => void labels.refetch()}
        />
      )}
      {labels.data && !isMine && <LabelLegend labels={labels.data} />}
      {labels.data && isMine && (
        <LabelEditor
          labels={labels.data}
          onCreate={(label) => change.mutate({ kind: "create", label })}
          onChange={({ id }, wanted) => change.mutate({ kind: "update", id, change: wanted })}
          onDelete={({ id }) => change.mutate({ kind: "delete", id })}
        />
      )}
    </Modal>
  );
}

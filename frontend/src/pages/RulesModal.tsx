import { Modal, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { describeError } from "../api/errors";
import { updateProject } from "../api/projects";
import type { ProjectDetail } from "../api/types";
import type { StageRules } from "../components/project/stageRules";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { RulesForm } from "../components/project/RulesForm";
import { keys } from "./queries";

interface Props {
  readonly project: ProjectDetail;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** By which rules people label in this project. */
export function RulesModal({ project, isOpen, onClose }: Props) {
  const queryClient = useQueryClient();
  const saving = useMutation({
    mutationFn: (rules: StageRules) => updateProject(project.id, { ...rules }),
    onSuccess: (saved) => {
      queryClient.setQueryData(keys.project(project.id), saved);
      notifications.show({ message: "Images that are opened from now on are labelled by these rules." });
      onClose();
    },
  });
  const { is_class_free, mask_seconds_hint, order_hint } = project;
  return (
    <Modal opened={isOpen} onClose={onClose} title="How people label" size="lg">
      <Stack>
        {saving.isError && (
          <ErrorNotice title="The rules were not saved" error={describeError(saving.error)} />
        )}
        <RulesForm
          rules={{ is_class_free, mask_seconds_hint, order_hint }}
          isSaving={saving.isPending}
          onSave={(rules) => saving.mutate(rules)}
        />
      </Stack>
    </Modal>
  );
}

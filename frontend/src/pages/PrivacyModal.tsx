import { Modal, Skeleton, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { describeError } from "../api/errors";
import { fetchPrivacy, updatePrivacy } from "../api/privacy";
import type { Privacy, ProjectDetail } from "../api/types";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { PrivacyForm } from "../components/project/PrivacyForm";
import { keys } from "./queries";

interface Props {
  readonly project: ProjectDetail;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Whether faces and licence plates are blurred in images that come. */
export function PrivacyModal({ project, isOpen, onClose }: Props) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Privacy" size="lg">
      <Setting project={project} onSaved={onClose} />
    </Modal>
  );
}

function Setting({ project, onSaved }: { readonly project: ProjectDetail; readonly onSaved: () => void }) {
  const queryClient = useQueryClient();
  const privacy = useQuery({
    queryKey: keys.privacy(project.id),
    queryFn: () => fetchPrivacy(project.id),
  });
  const saving = useMutation({
    mutationFn: (wanted: Privacy) => updatePrivacy(project.id, wanted),
    onSuccess: (saved) => {
      queryClient.setQueryData(keys.privacy(project.id), saved);
      notifications.show({ message: savedText(saved) });
      onSaved();
    },
  });
  if (privacy.isError) {
    return (
      <ErrorNotice
        title="The setting could not be loaded"
        error={describeError(privacy.error)}
        onRetry={() => void privacy.refetch()}
      />
    );
  }
  if (!privacy.data) return <Skeleton height={280} radius="md" />;
  return (
    <Stack>
      {saving.isError && (
        <ErrorNotice title="The setting was not saved" error={describeError(saving.error)} />
      )}
      <PrivacyForm
        privacy={privacy.data}
        imageCount={project.image_count}
        isSaving={saving.isPending}
        onSave={(wanted) => saving.mutate(wanted)}
      />
    </Stack>
  );
}

function savedText({ faces, plates }: Privacy): string {
  const blurred = [...(faces ? ["faces"] : []), ...(plates ? ["licence plates"] : [])];
  return blurred.length === 0
    ? "Images are added as they are from now on."
    : `In images that are added from now on, ${blurred.join(" and ")} are blurred.`;
}

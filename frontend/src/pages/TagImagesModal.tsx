import { Modal } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { describeError } from "../api/errors";
import { tagImages } from "../api/tags";
import type { Project, Tag, Tagged, Tagging } from "../api/types";
import { counted } from "../components/common/formats";
import { TagForm } from "../components/project/TagForm";

interface Props {
  readonly project: Project;
  readonly tags: readonly Tag[];
  readonly chosenIds: readonly number[];
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onTagged: () => void;
}

/** Gives the images chosen in the grid tags, and takes others from them. */
export function TagImagesModal({ project, tags, chosenIds, isOpen, onClose, onTagged }: Props) {
  const tagging = useMutation({
    mutationFn: (wanted: Tagging) => tagImages(project.id, wanted),
    onSuccess: (tagged) => {
      notifications.show({ title: "Tagged", message: sentence(tagged), color: "teal" });
      onTagged();
      onClose();
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "No image was tagged",
        message: describeError(error).message,
      }),
  });
  return (
    <Modal opened={isOpen} onClose={onClose} title="Tag images">
      <TagForm
        tags={tags}
        imageIds={chosenIds}
        isBusy={tagging.isPending}
        onTag={(wanted) => tagging.mutate(wanted)}
      />
    </Modal>
  );
}

function sentence({ added, removed }: Tagged): string {
  if (added + removed === 0) return "All images had just these tags before.";
  const told = [
    added > 0 && `${counted(added, "image")} got tags`,
    removed > 0 && `${counted(removed, "image")} lost some`,
  ];
  return `${told.filter(Boolean).join(", ")}.`;
}

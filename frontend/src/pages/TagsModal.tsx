import { Loader, Modal, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { describeError } from "../api/errors";
import { mayChange } from "../api/permissions";
import { createTag, deleteTag, fetchTags, updateTag } from "../api/tags";
import type { Project, TagWrite } from "../api/types";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { TagChips } from "../components/project/TagChips";
import { TagEditor } from "../components/project/TagEditor";
import { keys } from "./queries";

interface Props {
  readonly project: Project;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

type TagChange =
  | { readonly kind: "create"; readonly tag: TagWrite }
  | { readonly kind: "update"; readonly id: number; readonly change: Partial<TagWrite> }
  | { readonly kind: "delete"; readonly id: number };

/** The project's tags, each change saved at once. */
export function TagsModal({ project, isOpen, onClose }: Props) {
  const isMine = mayChange(project, "PATCH tags/{tag_id}/");
  const queryClient = useQueryClient();
  const tags = useQuery({
    queryKey: keys.tags(project.id),
    queryFn: () => fetchTags(project.id),
    enabled: isOpen,
  });
  const change = useMutation({
    mutationFn: async (wanted: TagChange) => {
      if (wanted.kind === "create") await createTag(project.id, wanted.tag);
      else if (wanted.kind === "update") await updateTag(wanted.id, wanted.change);
      else await deleteTag(wanted.id);
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "The tag was not changed",
        message: describeError(error).message,
      }),
    onSettled: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.tags(project.id) });
      await queryClient.invalidateQueries({ queryKey: keys.images(project.id) });
    },
  });
  return (
    <Modal opened={isOpen} onClose={onClose} title="Tags" size="lg">
      {tags.isPending && <Loader size="sm" aria-label="Loading the tags" />}
      {tags.isError && (
        <ErrorNotice
          title="The tags could not be loaded"
          error={describeError(tags.error)}
          onRetry={() => void tags.refetch()}
        />
      )}
      {tags.data && !isMine && tags.data.length === 0 && <Text size="sm">No tags yet.</Text>}
      {tags.data && !isMine && <TagChips tags={tags.data} />}
      {tags.data && isMine && (
        <TagEditor
          tags={tags.data}
          onCreate={(tag) => change.mutate({ kind: "create", tag })}
          onChange={({ id }, wanted) => change.mutate({ kind: "update", id, change: wanted })}
          onDelete={({ id }) => change.mutate({ kind: "delete", id })}
        />
      )}
    </Modal>
  );
}

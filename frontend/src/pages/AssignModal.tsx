import { Loader, Modal } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery } from "@tanstack/react-query";
import { describeError } from "../api/errors";
import { fetchMembers } from "../api/members";
import type { Assign, Assigned, Project } from "../api/types";
import { assignImages, fetchWorkFigures } from "../api/work";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { counted } from "../components/common/formats";
import { AssignForm } from "../components/project/AssignForm";
import { keys } from "./queries";

interface Props {
  readonly project: Project;
  readonly chosenIds: readonly number[];
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onAssigned: () => void;
}

/** Deals images out to people. */
export function AssignModal({ project, chosenIds, isOpen, onClose, onAssigned }: Props) {
  const members = useQuery({
    queryKey: keys.members(project.id),
    queryFn: () => fetchMembers(project.id),
    enabled: isOpen,
  });
  const figures = useQuery({
    queryKey: keys.work(project.id),
    queryFn: () => fetchWorkFigures(project.id),
    enabled: isOpen,
  });
  const assignment = useMutation({
    mutationFn: (wanted: Assign) => assignImages(project.id, wanted),
    onSuccess: (assigned) => {
      notifications.show({ title: "Assigned", message: sentence(assigned), color: "teal" });
      onAssigned();
      onClose();
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "Nothing was assigned",
        message: describeError(error).message,
      }),
  });
  const failed = [members, figures].find((query) => query.isError && !query.data);
  return (
    <Modal opened={isOpen} onClose={onClose} title="Assign images">
      {failed && (
        <ErrorNotice
          title="The members and their images could not be loaded"
          error={describeError(failed.error)}
          onRetry={() => void failed.refetch()}
        />
      )}
      {!failed && !(members.data && figures.data) && <Loader size="sm" aria-label="Loading the members" />}
      {members.data && figures.data && (
        <AssignForm
          members={members.data}
          figures={figures.data}
          chosenIds={chosenIds}
          isBusy={assignment.isPending}
          onAssign={(wanted) => assignment.mutate(wanted)}
        />
      )}
    </Modal>
  );
}

function sentence({ assigned, passed_over }: Assigned): string {
  const done = `${counted(assigned, "image")} changed hands.`;
  if (passed_over === 0) return done;
  return `${done} ${counted(passed_over, "image")} handed in already stay${passed_over === 1 ? "s" : ""} as before.`;
}

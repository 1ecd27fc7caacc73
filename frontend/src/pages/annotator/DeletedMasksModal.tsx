import { Button, Group, Loader, Modal, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { describeError } from "../../api/errors";
import { fetchDeletedMasks } from "../../api/history";
import type { DeletedMask, Label, Project } from "../../api/types";
import { NO_LABEL_RGB, rgbOf } from "../../canvas/colors";
import { restoreProblem } from "../../components/annotator/history/historyTexts";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { sinceWhen } from "../../components/common/formats";
import { keys } from "../queries";
import { useServices } from "../services";
import { RevisionPreview } from "./HistoryModal";
import type { AnnotationSession } from "./session";
import { mayRestore, useIsWaiting, useRestoring } from "./useRestoring";

interface Props {
  readonly imageId: number;
  readonly project: Project;
  readonly labels: readonly Label[];
  readonly session: AnnotationSession;
  readonly onClose: () => void;
}

/** What was deleted on the image, by whom, and the way back. */
export function DeletedMasksModal({ imageId, project, labels, session, onClose }: Props) {
  const deleted = useQuery({
    queryKey: keys.deletedMasks(imageId),
    queryFn: () => fetchDeletedMasks(imageId),
    refetchOnMount: "always",
  });
  const restoring = useRestoring(session, imageId);
  return (
    <Modal opened onClose={onClose} title="Deleted masks" size="md">
      {deleted.isPending && <Loader size="sm" aria-label="Loading the deleted masks" />}
      {deleted.isError && (
        <ErrorNotice
          title="The deleted masks could not be loaded"
          error={describeError(deleted.error)}
          onRetry={() => void deleted.refetch()}
        />
      )}
      {deleted.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing was deleted on this image, or all of it is back.
        </Text>
      )}
      {deleted.data && deleted.data.length > 0 && (
        <Stack component="ul" gap={0} className="history-list" data-testid="deleted-masks">
          {deleted.data.map((mask) => (
            <DeletedRow
              key={mask.id}
              mask={mask}
              label={labels.find(({ id }) => id === mask.label) ?? null}
              isAllowed={mayRestore(project)}
              isBusy={restoring.isPending && restoring.variables.maskId === mask.id}
              onRestore={() =>
                restoring.mutate({ maskId: mask.id, revision: mask.revision, present: mask.revision })
              }
            />
          ))}
        </Stack>
      )}
    </Modal>
  );
}

interface RowProps {
  readonly mask: DeletedMask;
  readonly label: Label | null;
  readonly isAllowed: boolean;
  readonly isBusy: boolean;
  readonly onRestore: () => void;
}

function DeletedRow({ mask, label, isAllowed, isBusy, onRestore }: RowProps) {
  const isWaiting = useIsWaiting(useServices().queue.book, mask.id);
  const problem = restoreProblem({ isWaiting, isLocked: false, isAllowed });
  const who = mask.deleted_by?.display_name ?? "somebody who is gone";
  const color = label ? rgbOf(label.color) : NO_LABEL_RGB;
  return (
    <Group component="li" wrap="nowrap" gap="sm" className="history-row" data-testid="deleted-mask">
      <RevisionPreview maskId={mask.id} entry={mask} color={color} />
      <div style={{ flex: 1, minWidth: 0 }}>
        <Text size="sm" fw={600}>
          {label?.name ?? "No label"}
        </Text>
        <Text size="xs" className="faint">
          {mask.area.toLocaleString("en")} px, deleted by {who}{" "}
          {sinceWhen(new Date(mask.deleted_at), new Date())}
        </Text>
        {problem !== null && (
          <Text size="xs" className="faint">
            {problem}
          </Text>
        )}
      </div>
      <Button
        size="compact-sm"
        variant="default"
        disabled={problem !== null}
        loading={isBusy}
        onClick={onRestore}
        data-testid="mask-bring-back"
      >
        Bring back
      </Button>
    </Group>
  );
}

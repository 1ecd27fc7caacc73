import { Loader, Modal, Stack, Text } from "@mantine/core";
import { useInViewport } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { describeError } from "../../api/errors";
import { fetchMaskHistory, fetchMaskRevision } from "../../api/history";
import type { Label, MaskHistoryEntry, Project } from "../../api/types";
import { NO_LABEL_RGB, rgbOf, type Rgb } from "../../canvas/colors";
import { HistoryRow } from "../../components/annotator/history/HistoryRow";
import { restoreProblem } from "../../components/annotator/history/historyTexts";
import { ShapePreview } from "../../components/annotator/history/ShapePreview";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { indexMask } from "../../masks/columns";
import { fromCoco } from "../../masks/rleString";
import type { AnnotationState } from "../../state/annotation";
import { keys } from "../queries";
import { useServices } from "../services";
import type { AnnotationSession } from "./session";
import { mayRestore, useIsWaiting, useRestoring } from "./useRestoring";

interface Props {
  readonly maskId: string;
  readonly imageId: number;
  readonly project: Project;
  readonly labels: readonly Label[];
  readonly state: AnnotationState;
  readonly session: AnnotationSession;
  readonly onClose: () => void;
}

/** The states one mask had, the newest first, each a press away from being the present one again. */
export function HistoryModal({ maskId, imageId, project, labels, state, session, onClose }: Props) {
  const { book } = useServices().queue;
  const history = useQuery({ queryKey: keys.maskHistory(maskId), queryFn: () => fetchMaskHistory(maskId) });
  const restoring = useRestoring(session, imageId);
  const mask = state.masks.get(maskId) ?? null;
  const isWaiting = useIsWaiting(book, maskId);
  const problem = restoreProblem({
    isWaiting,
    isLocked: state.lockedIds.has(maskId),
    isAllowed: mayRestore(project),
  });
  const { refetch } = history;
  // What is saved now, or came from a colleague, is the newest entry.
  useEffect(() => {
    if (!isWaiting) void refetch();
  }, [isWaiting, mask, refetch]);
  const entries = history.data ?? [];
  const present = entries[0]?.revision;
  return (
    <Modal opened onClose={onClose} title="History of this mask" size="md">
      {history.isPending && <Loader size="sm" aria-label="Loading the history" />}
      {history.isError && (
        <ErrorNotice
          title="The history could not be loaded"
          error={describeError(history.error)}
          onRetry={() => void history.refetch()}
        />
      )}
      {history.data && (
        <Stack gap="xs">
          {problem !== null && (
            <Text size="sm" c="dimmed" data-testid="restore-problem">
              {problem}
            </Text>
          )}
          <ol className="history-list" data-testid="history">
            {entries.map((entry, index) => {
              const label = labels.find(({ id }) => id === entry.label) ?? null;
              const color = label ? rgbOf(label.color) : NO_LABEL_RGB;
              return (
                <HistoryRow
                  key={`${entry.revision} ${String(entry.is_deleted)}`}
                  entry={entry}
                  isOldest={index === entries.length - 1}
                  label={label}
                  preview={
                    entry.is_current ? (
                      <ShapePreview mask={mask?.mask ?? null} color={color} />
                    ) : (
                      <RevisionPreview maskId={maskId} entry={entry} color={color} />
                    )
                  }
                  problem={problem}
                  isBusy={restoring.isPending && restoring.variables.revision === entry.revision}
                  onRestore={() =>
                    present !== undefined && restoring.mutate({ maskId, revision: entry.revision, present })
                  }
                />
              );
            })}
          </ol>
        </Stack>
      )}
    </Modal>
  );
}

interface PreviewProps {
  readonly maskId: string;
  readonly entry: Pick<MaskHistoryEntry, "revision">;
  readonly color: Rgb;
}

/** The shape of an earlier state, read once its row is in sight: it never changes. */
export function RevisionPreview({ maskId, entry, color }: PreviewProps) {
  const { ref, inViewport } = useInViewport<HTMLDivElement>();
  const state = useQuery({
    queryKey: keys.maskRevision(maskId, entry.revision),
    queryFn: () => fetchMaskRevision(maskId, entry.revision),
    enabled: inViewport,
    staleTime: Infinity,
  });
  const { data } = state;
  const mask = useMemo(() => {
    if (!data) return null;
    const [height, width] = data.segmentation.size as [number, number];
    return indexMask(fromCoco({ size: [height, width], counts: data.segmentation.counts }));
  }, [data]);
  return (
    <div ref={ref}>
      <ShapePreview mask={mask} color={color} />
    </div>
  );
}

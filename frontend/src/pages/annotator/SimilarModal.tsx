import { Button, Group, Modal, Select, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { IconZoomQuestion } from "@tabler/icons-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { describeError } from "../../api/errors";
import { fetchSimilar, type SimilarFilter, type SimilarMask } from "../../api/likeness";
import { mayChange } from "../../api/permissions";
import type { Label, Project } from "../../api/types";
import { SimilarBar } from "../../components/annotator/SimilarBar";
import { similarTexts, type SimilarItem } from "../../components/annotator/similarCard";
import { EmptyState } from "../../components/common/EmptyState";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { ContactSheet } from "../../components/sheet/ContactSheet";
import { chosenIds, NOTHING_SELECTED, type Selection } from "../../components/sheet/sheetSelection";
import { LABEL_KEYS } from "../../tools/commands";
import { keys } from "../queries";
import { MasksToLookAt } from "./MasksToLookAt";
import type { AnnotationSession } from "./session";
import { useRelabelling } from "./useRelabelling";

interface Props {
  readonly maskId: string;
  readonly imageId: number;
  readonly project: Project;
  readonly labels: readonly Label[];
  readonly session: AnnotationSession;
  /** Goes to the mask, on whichever image it is. */
  readonly onOpen: (imageId: number, maskId: string) => void;
  readonly onClose: () => void;
}

const MOST = 120;
const ANY = "any";
const UNLABELLED = "unlabelled";

/** The masks of the project that look like one, on a contact sheet: to go there, or to give many of them a label at once. */
export function SimilarModal({ maskId, imageId, project, labels, session, onOpen, onClose }: Props) {
  const queryClient = useQueryClient();
  const [filter, setFilter] = useState<SimilarFilter>(null);
  const [selection, setSelection] = useState<Selection>(NOTHING_SELECTED);
  const similar = useQuery({
    queryKey: [...keys.similar(maskId), filter],
    queryFn: () => fetchSimilar(maskId, filter, MOST),
    // What is labelled stays where it is until another sheet is asked for.
    staleTime: Infinity,
    refetchOnMount: "always",
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  useEffect(() => () => queryClient.removeQueries({ queryKey: keys.similar(maskId) }), [queryClient, maskId]);
  const relabelling = useRelabelling(project.id, (mask) => {
    if (mask.image === imageId) session.told(mask);
  });
  const items = similar.data?.results.map(itemOf).map(relabelling.present) ?? [];
  const stretch = { ids: items.map(({ id }) => id), offset: 0 };
  const current = items[selection.at] ?? null;
  const textsOf = useMemo(() => (item: SimilarItem) => similarTexts(item, labels), [labels]);
  const isFilled = items.length > 0;
  const root = useRef<HTMLDivElement>(null);
  const wasFilled = useRef(false);
  // The arrows walk at once; later the focus is left where somebody put it.
  useEffect(() => {
    if (!isFilled || wasFilled.current) return;
    wasFilled.current = true;
    root.current?.querySelector<HTMLElement>("[role=listbox]")?.focus();
  }, [isFilled]);
  const mayLabel = mayChange(project, "POST projects/{project_id}/masks/bulk/");
  const { refetch } = similar;
  const readAnew = useCallback(() => {
    setSelection(NOTHING_SELECTED);
    void refetch();
  }, [refetch]);

  const relabel = (labelId: number | null) => {
    const chosen = new Set(chosenIds(selection, stretch));
    relabelling.relabel(
      items.filter(({ id }) => chosen.has(id)),
      labelId,
    );
  };
  const open = ({ image, id }: SimilarItem) => onOpen(image, id);
  const onKey = (key: string): boolean => {
    const label = /^[1-9]$/.test(key) ? labels.slice(0, LABEL_KEYS)[Number(key) - 1] : undefined;
    if (label && mayLabel) relabel(label.id);
    else if (key === "`" && mayLabel) relabel(null);
    else if (key.toLowerCase() === "u" && mayLabel) relabelling.undo();
    else if ((key.toLowerCase() === "o" || key === "Enter") && current) open(current);
    else return false;
    return true;
  };
  const data = similar.data;
  return (
    <Modal opened onClose={onClose} title="Similar masks" size="min(1100px, 95vw)">
      <Stack
        ref={root}
        gap="sm"
        className="similar-sheet"
        data-testid="similar"
        data-ready={data?.is_ready ?? false}
      >
        <Group justify="space-between" gap="sm">
          <Select
            size="xs"
            w={220}
            aria-label="Which masks"
            allowDeselect={false}
            value={filter === null ? ANY : String(filter)}
            onChange={(value) => {
              setSelection(NOTHING_SELECTED);
              setFilter(value === ANY ? null : value === UNLABELLED ? UNLABELLED : Number(value));
            }}
            data={[
              { value: ANY, label: "All masks" },
              { value: UNLABELLED, label: "Masks without a label" },
              ...labels.map(({ id, name }) => ({ value: String(id), label: name })),
            ]}
            data-testid="similar-filter"
          />
          {data?.is_ready && (
            <Text size="xs" c="dimmed" data-testid="similar-compared">
              {data.is_cut ? "The latest " : ""}
              {data.vectors.toLocaleString("en")} masks compared
            </Text>
          )}
        </Group>
        {data && (data.missing > 0 || !data.is_ready) && (
          <MasksToLookAt project={project} similar={data} onDone={readAnew} />
        )}
        {isFilled && (
          <SimilarBar
            selectedCount={selection.ids.size}
            current={current}
            labels={labels}
            mayLabel={mayLabel}
            isBusy={relabelling.isBusy}
            canUndo={relabelling.canUndo}
            onLabel={relabel}
            onUndo={relabelling.undo}
            onOpen={open}
          />
        )}
        {similar.isError && !data ? (
          <ErrorNotice
            title="Similar masks could not be looked for"
            error={describeError(similar.error)}
            onRetry={() => void refetch()}
          />
        ) : !data ? (
          <Skeleton height={320} radius="md" />
        ) : !isFilled ? (
          <EmptyState
            icon={<IconZoomQuestion size={32} />}
            title={data.is_ready ? "Nothing to compare with" : "Not looked at yet"}
          >
            {data.is_ready
              ? "No other mask that was looked at fits."
              : "What is like this mask comes here as soon as it was looked at."}
          </EmptyState>
        ) : (
          <ContactSheet
            label="Similar masks, the most alike first"
            items={items}
            textsOf={textsOf}
            offset={0}
            isMore={false}
            selection={selection}
            onSelect={setSelection}
            onNearEnd={nothing}
            onNearStart={nothing}
            onOpen={open}
            onKey={onKey}
          />
        )}
        <Group justify="space-between">
          <Text size="xs" c="dimmed">
            Arrows walk, Shift selects, Space adds one · 1–9 give a label, ` takes it away, U takes back ·
            Enter or a double click goes there
          </Text>
          <Button size="xs" variant="default" onClick={onClose}>
            Close
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function nothing(): void {
  // All there is came at once.
}

function itemOf(found: SimilarMask): SimilarItem {
  return {
    id: found.mask,
    image: found.image,
    fileName: found.file_name,
    revision: found.revision,
    label: found.label,
    area: found.area,
    similarity: found.similarity,
    cutoutUrl: found.cutout_url,
  };
}

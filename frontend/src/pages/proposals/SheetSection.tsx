import { Button, Group, SegmentedControl, Skeleton, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { IconFilterOff, IconRefresh } from "@tabler/icons-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { describeError } from "../../api/errors";
import { mayChange } from "../../api/permissions";
import { fetchConfidences, type ProposalFilter, type ProposalRun } from "../../api/proposals";
import type { Label, ProjectDetail } from "../../api/types";
import { EmptyState } from "../../components/common/EmptyState";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { ConfidenceChart } from "../../components/proposals/ConfidenceChart";
import { proposalTexts } from "../../components/proposals/proposalCard";
import { SheetBar } from "../../components/proposals/SheetBar";
import { SheetFilters } from "../../components/proposals/SheetFilters";
import { firstThreshold } from "../../components/proposals/threshold";
import { ContactSheet } from "../../components/sheet/ContactSheet";
import { chosenIds, moved, NOTHING_SELECTED, type Selection } from "../../components/sheet/sheetSelection";
import { keys } from "../queries";
import { BulkDecision } from "./BulkDecision";
import { useDeciding } from "./useDeciding";
import { useSheet } from "./useSheet";

interface Props {
  readonly project: ProjectDetail;
  readonly runs: readonly ProposalRun[];
  readonly labels: readonly Label[];
  readonly filter: ProposalFilter;
  readonly onFilter: (filter: ProposalFilter) => void;
}

type Side = "all" | "above" | "below";

/** The contact sheet: how confident the model was, a threshold, and every proposal by itself. */
export function SheetSection({ project, runs, labels, filter, onFilter }: Props) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [side, setSide] = useState<Side>("all");
  const [labelId, setLabelId] = useState<number | null>(null);
  const [selection, setSelection] = useState<Selection>(NOTHING_SELECTED);
  const inAnyState = { ...filter, state: null };
  const confidences = useQuery({
    queryKey: [...keys.proposalFigures(project.id), "confidences", inAnyState],
    queryFn: () => fetchConfidences(project.id, inAnyState),
    placeholderData: (before) => before,
  });
  const [chosenThreshold, setThreshold] = useState<number | null>(null);
  const threshold = chosenThreshold ?? firstThreshold([]);
  // Once: what is decided meanwhile does not move it.
  if (chosenThreshold === null && confidences.data && confidences.data.total > 0) {
    setThreshold(firstThreshold(confidences.data.bins));
  }
  const [settled] = useDebouncedValue(threshold, 250);
  const range = {
    ...filter,
    least: side === "above" ? settled : null,
    below: side === "below" ? settled : null,
  };
  const sheet = useSheet(project.id, range);
  const deciding = useDeciding(project.id);
  const { states } = deciding;
  const items = useMemo(
    () => sheet.items.map((item) => ({ ...item, state: states.get(item.id) ?? item.state })),
    [sheet.items, states],
  );
  const stretch = { ids: items.map(({ id }) => id), offset: sheet.offset };
  const current = items[selection.at - sheet.offset] ?? null;
  const mayDecide = mayChange(project, "POST projects/{project_id}/proposals/decide/");
  const mayBulk = project.allowed.includes("POST projects/{project_id}/jobs/ decide_proposals");
  const { forgetStates } = deciding;

  const readAnew = useCallback(() => {
    forgetStates();
    setSelection(NOTHING_SELECTED);
    void queryClient.resetQueries({ queryKey: keys.proposalSheet(project.id) });
    void queryClient.invalidateQueries({ queryKey: keys.proposalFigures(project.id) });
    void queryClient.invalidateQueries({ queryKey: keys.proposalRuns(project.id) });
  }, [forgetStates, queryClient, project.id]);
  const changeFilter = (wanted: ProposalFilter) => {
    setSelection(NOTHING_SELECTED);
    onFilter(wanted);
  };
  const decide = (decision: "accept" | "reject") => {
    const ids = chosenIds(selection, stretch);
    if (!mayDecide || ids.length === 0) return;
    deciding.decide(decision, ids, labelId ?? undefined);
    // One by one: on to the next. Of several that were selected nothing is left to be done.
    setSelection((now) =>
      now.ids.size === 0 ? moved(now, stretch, 1, false) : { ...now, ids: NOTHING_SELECTED.ids },
    );
  };
  const undo = () => mayDecide && deciding.undo();
  const onKey = (key: string): boolean => {
    const work = { a: () => decide("accept"), r: () => decide("reject"), u: undo }[key.toLowerCase()];
    if (work) work();
    else if (key.toLowerCase() === "o" || key === "Enter") {
      if (current) void navigate(`/images/${current.image}`);
    } else return false;
    return true;
  };
  const label = labels.find(({ id }) => id === labelId) ?? null;
  const isEmpty = sheet.query.data !== undefined && items.length === 0;
  const { refetch } = sheet.query;
  const figures = confidences.data;
  const { state } = filter;
  // What a run finds meanwhile comes by itself, unless somebody has begun: then nothing moves, and it waits for a new sheet.
  const isUntouched = states.size === 0 && selection.at === 0 && selection.ids.size === 0;
  const fitting = state ? figures?.bins.reduce((sum, bin) => sum + bin[state], 0) : figures?.total;
  const isShort = side === "all" && sheet.total !== null && fitting !== undefined && fitting > sheet.total;
  useEffect(() => {
    if (isUntouched && isShort) void refetch();
    // Once for each count.
  }, [isUntouched, isShort, fitting, refetch]);
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <SheetFilters
          filter={filter}
          runs={runs}
          fileName={filter.image === null ? null : (items[0]?.fileName ?? null)}
          onChange={changeFilter}
        />
        <Button
          size="xs"
          variant="subtle"
          color="gray"
          leftSection={<IconRefresh size={14} />}
          onClick={readAnew}
          data-testid="sheet-refresh"
        >
          New sheet
        </Button>
      </Group>
      <div className="surface" style={{ padding: 12 }}>
        {confidences.data ? (
          <ConfidenceChart confidences={confidences.data} threshold={threshold} onThreshold={setThreshold} />
        ) : confidences.isError ? (
          <ErrorNotice
            title="The histogram could not be loaded"
            error={describeError(confidences.error)}
            onRetry={() => void confidences.refetch()}
          />
        ) : (
          <Skeleton height={130} radius="sm" />
        )}
        <Group mt="sm" gap="sm" align="flex-start" justify="space-between">
          <SegmentedControl
            size="xs"
            aria-label="Part of the sheet"
            value={side}
            onChange={(value) => {
              setSelection(NOTHING_SELECTED);
              setSide(value);
            }}
            data={[
              { value: "all", label: "All" },
              { value: "above", label: `From ${threshold.toFixed(2)}` },
              { value: "below", label: `Below ${threshold.toFixed(2)}` },
            ]}
          />
          {mayBulk && (
            <BulkDecision
              projectId={project.id}
              filter={filter}
              threshold={settled}
              label={label}
              onDone={readAnew}
            />
          )}
        </Group>
      </div>
      <SheetBar
        selectedCount={selection.ids.size}
        current={current}
        labels={labels}
        labelId={labelId}
        mayDecide={mayDecide}
        canUndo={deciding.canUndo}
        onLabel={setLabelId}
        onAccept={() => decide("accept")}
        onReject={() => decide("reject")}
        onUndo={undo}
        onOnlyImage={(image) => changeFilter({ ...filter, image })}
      />
      {sheet.query.isError && !sheet.query.data ? (
        <ErrorNotice
          title="The contact sheet could not be loaded"
          error={describeError(sheet.query.error)}
          onRetry={() => void sheet.query.refetch()}
        />
      ) : !sheet.query.data ? (
        <Skeleton height={420} radius="md" />
      ) : isEmpty ? (
        <EmptyState icon={<IconFilterOff size={32} />} title="No proposal fits these filters">
          {filter.state === "open" && "There is nothing left to decide about here."}
        </EmptyState>
      ) : (
        <ContactSheet
          label="Proposals, the most confident first"
          textsOf={proposalTexts}
          items={items}
          offset={sheet.offset}
          isMore={sheet.isMore}
          selection={selection}
          onSelect={setSelection}
          onNearEnd={sheet.onNearEnd}
          onNearStart={sheet.onNearStart}
          onOpen={({ image }) => void navigate(`/images/${image}`)}
          onKey={onKey}
        />
      )}
      <Text size="xs" c="dimmed">
        Arrows walk, Shift selects, Space adds one · A accepts, R rejects, U takes back · O opens the image
      </Text>
    </Stack>
  );
}

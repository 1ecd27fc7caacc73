import "@mantine/charts/styles.css";
import "../../components/dashboard/dashboard.css";
import { Button, Stack, Text } from "@mantine/core";
import { IconChartBar } from "@tabler/icons-react";
import { Link, useSearchParams } from "react-router";
import { describeError } from "../../api/errors";
import { EmptyState } from "../../components/common/EmptyState";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { DashboardFilters, type Choice } from "../../components/dashboard/DashboardFilters";
import { decimalText, secondsText, shareText, wholeText } from "../../components/dashboard/figures";
import { KeyFigures, type KeyFigure } from "../../components/dashboard/KeyFigures";
import { dayOf, dayText, periodBefore, periodOf, type Period } from "../../components/dashboard/period";
import { addressOf, choiceOf, scopeOf } from "./choice";
import { MaskCards } from "./MaskCards";
import { PANELS } from "./panels";
import { useDashboard, type Tables } from "./useDashboard";
import { WorkCards } from "./WorkCards";

/** The figures of a project, or across projects. */
export function Dashboard({ projectId }: { readonly projectId: number | null }) {
  const [address, setAddress] = useSearchParams();
  const choice = choiceOf(address);
  const today = dayOf(new Date());
  const period = periodOf(choice.preset, choice.custom, today);
  const scope = scopeOf(projectId, choice);
  const tables = useDashboard(scope, choice, period, today);
  const change = (part: Partial<Choice>) => setAddress(addressOf({ ...choice, ...part }), { replace: true });
  const { everybody, storage } = tables;
  if (everybody.isError && !everybody.data) {
    return (
      <ErrorNotice
        title="The dashboard could not be loaded"
        error={describeError(everybody.error)}
        onRetry={() => void everybody.refetch()}
      />
    );
  }
  const hasNothing = everybody.data?.rows.length === 0 && (storage.data?.total.images ?? 0) === 0;
  const isFiltered = choice.projects.length > 0;
  if (hasNothing && !isFiltered) return <Nothing projectId={projectId} />;
  const props = { scope, choice, period, today, tables };
  return (
    <Stack gap="md" data-testid="dashboard">
      <DashboardFilters
        choice={choice}
        onChange={change}
        people={optionsOf(tables.everybody.data?.rows)}
        labels={projectId === null ? null : optionsOf(tables.everyLabel.data?.rows)}
        projects={projectId === null ? optionsOf(tables.everyProject.data?.rows) : null}
      />
      <KeyFigures
        figures={keyFigures(tables, period)}
        isPending={tables.byPerson.isPending || tables.authors.isPending}
        comparison={comparisonText(period, today)}
      />
      <div className="dashboard-grid">
        <WorkCards {...props} />
        <MaskCards {...props} />
        {PANELS.map(({ name, Panel }) => (
          <Panel key={name} projectId={projectId} period={period} />
        ))}
      </div>
      <Text size="xs" c="dimmed">
        Days are in UTC. Masks and images that were deleted count no longer. Seconds are those at work: pauses
        and time in other tabs do not count.
      </Text>
    </Stack>
  );
}

function Nothing({ projectId }: { readonly projectId: number | null }) {
  return (
    <EmptyState
      icon={<IconChartBar size={32} />}
      title="No figures yet"
      action={
        <Button component={Link} to={projectId === null ? "/" : `/projects/${projectId}`} variant="default">
          {projectId === null ? "All projects" : "Back to the project"}
        </Button>
      }
    >
      {projectId === null
        ? "What is labelled in projects that you own, manage or review is summed up here."
        : "Add images and label them: how many masks there are, how long they take and how much of the model's work stands is summed up here."}
    </EmptyState>
  );
}

function optionsOf(rows: readonly { readonly key: string | null; readonly name: string }[] | undefined) {
  return (rows ?? [])
    .map(({ key, name }) => ({ value: key ?? "none", label: name }))
    .sort((a, b) => a.label.localeCompare(b.label));
}

function comparisonText(period: Period, today: string): string | null {
  const before = periodBefore(period, today);
  return before && `Compared with ${dayText(before.since!, true)} to ${dayText(before.until!, true)}`;
}

function keyFigures(tables: Tables, period: Period): KeyFigure[] {
  const now = tables.byPerson.data?.total;
  const work = tables.authors.data?.total;
  const isCompared = period.since !== null;
  const before = isCompared ? tables.before.data?.total : undefined;
  const workBefore = isCompared ? tables.reviewsBefore.data?.total : undefined;
  return [
    {
      name: "Images submitted",
      value: work?.submitted ?? null,
      before: workBefore?.submitted ?? null,
      text: wholeText,
      note: `${wholeText(work?.accepted ?? 0)} accepted`,
    },
    { name: "Masks", value: now?.masks ?? null, before: before?.masks ?? null, text: wholeText },
    {
      name: "Seconds per mask",
      value: now?.seconds_per_mask ?? null,
      before: before?.seconds_per_mask ?? null,
      text: secondsText,
    },
    {
      name: "Clicks per mask",
      value: now?.clicks_per_mask ?? null,
      before: before?.clicks_per_mask ?? null,
      text: decimalText,
    },
    {
      name: "As the model gave",
      value: now?.untouched_share ?? null,
      before: before?.untouched_share ?? null,
      text: shareText,
      isShare: true,
    },
  ];
}

import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { csvHref } from "../../api/dashboard";
import type { Activity, ActivityRow } from "../../api/types";
import { BarList } from "../../components/dashboard/BarList";
import { ChartCard } from "../../components/dashboard/ChartCard";
import { MasksChart, SizeChart } from "../../components/dashboard/charts";
import { decimalText, secondsText, shareText, wholeText } from "../../components/dashboard/figures";
import { ModelTable } from "../../components/dashboard/ModelTable";
import { PeopleTable } from "../../components/dashboard/PeopleTable";
import { dayText } from "../../components/dashboard/period";
import { colorAt, columnText, masksOverTime, stackedMasks } from "../../components/dashboard/series";
import { maskQuery } from "./choice";
import { loadedOf } from "./useDashboard";
import { StorageCard, type CardsProps } from "./WorkCards";

const SPLITS = [
  { value: "person", label: "Person" },
  { value: "stage", label: "Stage" },
] as const;
type Split = (typeof SPLITS)[number]["value"];

/** What is about masks. */
export function MaskCards(props: CardsProps) {
  const { scope, period, choice, tables } = props;
  const csv = (query: Readonly<Record<string, string>>) =>
    csvHref(scope, "activity", { ...maskQuery(period, choice), ...query });
  return (
    <>
      <DayCard {...props} csv={csv} />
      <PeopleCard {...props} csv={csv} />
      <ChartCard
        {...loadedOf(tables.byModel)}
        title="What of the model's work stands"
        note="Masks in which not a pixel was changed, and how far the others are from what the model gave."
        isWide
        csv={csv({ by: "model", split: "stage" })}
        table={null}
        testId="chart-models"
      >
        <ModelTable rows={tables.byModel.data?.rows ?? []} />
      </ChartCard>
      {scope.kind === "all" && (
        <NameCard
          title="Masks by project"
          of={tables.byProject}
          csv={csv({ by: "project" })}
          testId="chart-projects"
        />
      )}
      <NameCard title="Masks by label" of={tables.byLabel} csv={csv({ by: "label" })} testId="chart-labels" />
      <ChartCard
        {...loadedOf(tables.bySize)}
        title="Masks by size"
        note="By the square root of their area in pixels; 32 and 96 are COCO's bounds of small and large."
        csv={csv({ by: "size" })}
        table={nameTable("Masks by size", "Size", tables.bySize.data?.rows ?? [])}
        testId="chart-sizes"
      >
        <SizeChart rows={tables.bySize.data?.rows ?? []} />
      </ChartCard>
      <StorageCard {...props} />
    </>
  );
}

interface WithCsv extends CardsProps {
  readonly csv: (query: Readonly<Record<string, string>>) => string;
}

function DayCard({ tables, period, today, csv }: WithCsv) {
  const [split, setSplit] = useState<Split>("person");
  const query = split === "person" ? tables.byDay : tables.byStage;
  const stacked = stackedMasks(query.data?.rows ?? [], period, today, tables.step);
  const title = stacked.step === 1 ? "Masks per day" : "Masks per week";
  return (
    <ChartCard
      {...loadedOf(query)}
      title={title}
      isWide
      csv={csv({ by: tables.step === 7 ? "week" : "day", split })}
      legend={stacked.parts}
      testId="chart-days"
      control={
        <SegmentedControl
          size="xs"
          aria-label="Bars by"
          data={[...SPLITS]}
          value={split}
          onChange={(value) => setSplit(value)}
        />
      }
      table={{
        caption: title,
        head: [stacked.step === 1 ? "Day" : "Week", ...stacked.parts.map(({ label }) => label)],
        rows: stacked.columns.map((column) => [
          columnText(column.day, stacked.step, (day) => dayText(day, true)),
          ...stacked.parts.map(({ name }) => wholeText(Number(column[name]))),
        ]),
      }}
    >
      <MasksChart stacked={stacked} />
    </ChartCard>
  );
}

function PeopleCard({ tables, period, today, csv }: WithCsv) {
  const days = tables.byDay.data?.rows ?? [];
  const stacked = stackedMasks(days, period, today, tables.step);
  return (
    <ChartCard
      {...loadedOf(tables.byPerson)}
      title="People"
      note="Images are counted for whose work they are."
      isWide
      csv={csv({ by: "person" })}
      table={null}
      testId="chart-people"
    >
      <PeopleTable
        rows={tables.byPerson.data?.rows ?? []}
        reviews={new Map((tables.authors.data?.rows ?? []).map((row) => [row.key, row]))}
        lines={(key) => masksOverTime(days, key, stacked)}
      />
    </ChartCard>
  );
}

interface NameCardProps {
  readonly title: string;
  readonly of: CardsProps["tables"]["byLabel"];
  readonly csv: string;
  readonly testId: string;
}

function NameCard({ title, of, csv, testId }: NameCardProps) {
  const rows = of.data?.rows ?? [];
  return (
    <ChartCard
      {...loadedOf<Activity>(of)}
      title={title}
      csv={csv}
      table={nameTable(title, "Name", rows)}
      testId={testId}
    >
      <BarList
        bars={rows.map(({ key, name, masks }) => ({
          key: key ?? "none",
          name,
          sections: [{ value: masks, color: colorAt(0) }],
          text: wholeText(masks),
        }))}
      />
    </ChartCard>
  );
}

function nameTable(caption: string, first: string, rows: readonly ActivityRow[]) {
  return {
    caption,
    head: [first, "Masks", "Seconds per mask", "Clicks per mask", "As the model gave"],
    rows: rows.map((row) => [
      row.name,
      wholeText(row.masks),
      secondsText(row.seconds_per_mask),
      decimalText(row.clicks_per_mask),
      shareText(row.untouched_share),
    ]),
  };
}

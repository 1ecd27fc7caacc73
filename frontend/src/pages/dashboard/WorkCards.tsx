import { csvHref, type Scope } from "../../api/dashboard";
import type { ReviewRow } from "../../api/types";
import { BarList, type Bar } from "../../components/dashboard/BarList";
import { ChartCard } from "../../components/dashboard/ChartCard";
import { StatusChart } from "../../components/dashboard/charts";
import type { Choice } from "../../components/dashboard/DashboardFilters";
import { bytesText, shareText, wholeText } from "../../components/dashboard/figures";
import { dayText, type Day, type Period } from "../../components/dashboard/period";
import { colorAt, STATUS_PARTS, thinned, type Part } from "../../components/dashboard/series";
import { daysQuery } from "./choice";
import { loadedOf, type Tables } from "./useDashboard";

export interface CardsProps {
  readonly scope: Scope;
  readonly choice: Choice;
  readonly period: Period;
  readonly today: Day;
  readonly tables: Tables;
}

const OUTCOMES: readonly (Part & { readonly name: "accepted" | "rejected" | "reopened" })[] = [
  { name: "accepted", label: "Accepted", color: "#009e73" },
  { name: "rejected", label: "Rejected", color: "#d55e00" },
  { name: "reopened", label: "Reopened after acceptance", color: "#cc79a7" },
];

const FILES: readonly (Part & {
  readonly name: "original_bytes" | "embedding_bytes" | "display_bytes" | "preview_bytes" | "thumbnail_bytes";
})[] = [
  { name: "original_bytes", label: "Originals", color: colorAt(0) },
  { name: "embedding_bytes", label: "Embeddings", color: colorAt(1) },
  { name: "display_bytes", label: "Converted copies", color: colorAt(2) },
  { name: "preview_bytes", label: "Previews", color: colorAt(3) },
  { name: "thumbnail_bytes", label: "Thumbnails", color: colorAt(4) },
];

/** What is about images as a whole. */
export function WorkCards(props: CardsProps) {
  return (
    <>
      <StatusCard {...props} />
      <ReviewCard {...props} by="author" />
      <ReviewCard {...props} by="reviewer" />
    </>
  );
}

function StatusCard({ scope, period, tables: { statuses } }: CardsProps) {
  const rows = thinned(statuses.data?.rows ?? []);
  return (
    <ChartCard
      {...loadedOf(statuses)}
      title="Images by status"
      note="At the end of each day; of everybody."
      isWide
      csv={csvHref(scope, "statuses", daysQuery(period))}
      legend={STATUS_PARTS}
      testId="chart-statuses"
      table={{
        caption: "Images by status at the end of each day",
        head: ["Day", ...STATUS_PARTS.map(({ label }) => label)],
        rows: rows.map((row) => [
          dayText(row.day, true),
          ...STATUS_PARTS.map(({ name }) => wholeText(row[name])),
        ]),
      }}
    >
      <StatusChart rows={rows} />
    </ChartCard>
  );
}

function ReviewCard({
  scope,
  period,
  choice,
  tables,
  by,
}: CardsProps & { readonly by: "author" | "reviewer" }) {
  const query = by === "author" ? tables.authors : tables.reviewers;
  const rows = (query.data?.rows ?? []).filter((row) => judged(row) > 0);
  const asked = { ...daysQuery(period), by, author: choice.person ?? undefined };
  const title = by === "author" ? "Review outcomes by author" : "Review outcomes by reviewer";
  return (
    <ChartCard
      {...loadedOf(query)}
      isEmpty={query.data !== undefined && rows.length === 0}
      title={title}
      csv={csvHref(scope, "reviews", asked)}
      legend={OUTCOMES.filter(({ name }) => rows.some((row) => row[name] > 0))}
      testId={`chart-reviews-${by}`}
      table={{
        caption: title,
        head: ["Person", ...OUTCOMES.map(({ label }) => label), "Share accepted"],
        rows: rows.map((row) => [
          row.name,
          ...OUTCOMES.map(({ name }) => wholeText(row[name])),
          shareText(row.accepted_share),
        ]),
      }}
    >
      <BarList
        bars={rows.map((row): Bar => ({
          key: row.key ?? "nobody",
          name: row.name,
          sections: OUTCOMES.map(({ name, color }) => ({ value: row[name], color })),
          text: `${shareText(row.accepted_share)} of ${wholeText(row.accepted + row.rejected)}`,
        }))}
      />
    </ChartCard>
  );
}

function judged({ accepted, rejected, reopened }: ReviewRow): number {
  return accepted + rejected + reopened;
}

/** Not of the period: what there is now. */
export function StorageCard({ scope, tables: { storage } }: CardsProps) {
  const total = storage.data?.total;
  const isAll = scope.kind === "all";
  const files = FILES.filter(({ name }) => (total?.[name] ?? 0) > 0);
  const bars = isAll
    ? (storage.data?.rows ?? []).map((row): Bar => ({
        key: row.key ?? "",
        name: row.name,
        sections: files.map(({ name, color }) => ({ value: row[name], color })),
        text: bytesText(row.total_bytes),
      }))
    : files.map(({ name, label, color }): Bar => ({
        key: name,
        name: label,
        sections: [{ value: total?.[name] ?? 0, color }],
        text: bytesText(total?.[name] ?? 0),
      }));
  return (
    <ChartCard
      {...loadedOf(storage)}
      title="Storage"
      isWide={!isAll}
      note={total ? `${bytesText(total.total_bytes)} for ${wholeText(total.images)} images, now.` : "Now."}
      csv={csvHref(scope, "storage", {})}
      legend={isAll ? files : []}
      testId="chart-storage"
      table={{
        caption: "Bytes of files",
        head: ["Project", "Images", ...FILES.map(({ label }) => label), "Total"],
        rows: (storage.data?.rows ?? []).map((row) => [
          row.name,
          wholeText(row.images),
          ...FILES.map(({ name }) => bytesText(row[name])),
          bytesText(row.total_bytes),
        ]),
      }}
    >
      <BarList bars={bars} />
    </ChartCard>
  );
}

import { AreaChart, BarChart } from "@mantine/charts";
import type { StatusRow } from "../../api/types";
import { shareText } from "./figures";
import { dayText } from "./period";
import type { Shares } from "./rounds";
import { columnText, STATUS_PARTS, type Part, type Stacked } from "./series";

const HEIGHT = 240;
const number = (value: number) => value.toLocaleString("en");
const shared = {
  h: HEIGHT,
  valueFormatter: number,
  tickLine: "none" as const,
  // What they show is told by a table beside them.
  accessibilityLayer: false,
  yAxisProps: { width: 48, allowDecimals: false },
};

function series(parts: readonly Part[]) {
  return parts.map(({ name, label, color }) => ({ name, label, color }));
}

/** Images by status at the end of each day. */
export function StatusChart({ rows }: { readonly rows: readonly StatusRow[] }) {
  return (
    <AreaChart
      {...shared}
      data={rows.map((row) => ({ ...row }))}
      dataKey="day"
      type="stacked"
      curveType="stepAfter"
      withDots={false}
      withGradient={false}
      fillOpacity={0.75}
      strokeWidth={1}
      areaProps={{ isAnimationActive: false }}
      xAxisProps={{ tickFormatter: (day: string) => dayText(day), minTickGap: 24 }}
      tooltipProps={{ labelFormatter: (day) => (typeof day === "string" ? dayText(day, true) : "") }}
      series={series([...STATUS_PARTS])}
    />
  );
}

/** Masks by day or week, stacked. */
export function MasksChart({ stacked }: { readonly stacked: Stacked }) {
  const data = stacked.columns.map((column) => ({
    ...column,
    name: columnText(column.day, stacked.step, dayText),
  }));
  return (
    <BarChart
      {...shared}
      data={data}
      dataKey="name"
      type="stacked"
      maxBarWidth={40}
      barProps={{ isAnimationActive: false }}
      xAxisProps={{ tickFormatter: (name: string) => name.split(" – ")[0]!, minTickGap: 24 }}
      series={series(stacked.parts)}
    />
  );
}

/** Masks by class of size. */
export function SizeChart({
  rows,
}: {
  readonly rows: readonly { readonly name: string; readonly masks: number }[];
}) {
  return (
    <BarChart
      {...shared}
      data={rows.map(({ name, masks }) => ({ name: name.replace(" px", ""), masks }))}
      dataKey="name"
      maxBarWidth={48}
      barProps={{ isAnimationActive: false }}
      xAxisProps={{ interval: 0, tick: { fontSize: 11, fill: "currentColor" } }}
      series={[{ name: "masks", label: "Masks", color: STATUS_PARTS[3]!.color }]}
    />
  );
}

/** Parts of a whole, round by round. */
export function SharesChart({
  shares,
  parts,
}: {
  readonly shares: readonly Shares[];
  readonly parts: readonly Part[];
}) {
  return (
    <BarChart
      {...shared}
      h={220}
      data={shares.map((row) => ({ ...row }))}
      dataKey="round"
      type="stacked"
      maxBarWidth={48}
      valueFormatter={(value) => shareText(value)}
      barProps={{ isAnimationActive: false }}
      yAxisProps={{ width: 60, domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1] }}
      series={series(parts)}
    />
  );
}

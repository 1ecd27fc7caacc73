import type { EngineRow } from "../../api/types";
import { ChartCard } from "../../components/dashboard/ChartCard";
import { SharesChart } from "../../components/dashboard/charts";
import type { TableData } from "../../components/dashboard/DataTable";
import { decimalText, secondsText, shareText } from "../../components/dashboard/figures";
import { RoundChart } from "../../components/dashboard/RoundChart";
import {
  DECISIONS,
  decisionShares,
  miouPoints,
  ORIGINS,
  originShares,
  PAPER,
  pointsOf,
  type Reference,
  type RoundPoint,
  type Shares,
} from "../../components/dashboard/rounds";
import { colorAt, type Part } from "../../components/dashboard/series";

interface Props {
  readonly rows: readonly EngineRow[];
  readonly csv: string;
  readonly isPaperShown: boolean;
}

const MIOU_PARTS: readonly Part[] = [
  { name: "value", label: "The round’s model", color: colorAt(0) },
  { name: "before", label: "The model it came from, on the same images", color: colorAt(1) },
];

/** One small chart for each figure, all by round. */
export function EngineCards({ rows, csv, isPaperShown }: Props) {
  const paper = (references: readonly Reference[]) => (isPaperShown ? references : []);
  return (
    <>
      <PointsCard
        title="Seconds per mask"
        note="Of masks made by hand, with the model’s help."
        csv={csv}
        points={pointsOf(rows, "seconds_per_mask")}
        references={paper(PAPER.secondsPerMask)}
        text={secondsText}
        testId="chart-engine-seconds"
      />
      <PointsCard
        title="Clicks per mask"
        note="Of masks made by hand; a box is one."
        csv={csv}
        points={pointsOf(rows, "clicks_per_mask")}
        text={decimalText}
        testId="chart-engine-clicks"
      />
      <PointsCard
        title="Masks per image"
        note="On images that got some in the round."
        csv={csv}
        points={pointsOf(rows, "masks_per_image")}
        references={paper(PAPER.masksPerImage)}
        text={decimalText}
        testId="chart-engine-images"
      />
      <SharesCard
        title="Where masks came from"
        note="Pre-filled are those that came from proposals."
        csv={csv}
        shares={originShares(rows)}
        parts={ORIGINS}
        isEmpty={rows.every(({ masks }) => masks === 0)}
        emptyText="No masks yet."
        testId="chart-engine-origins"
      />
      <SharesCard
        title="What became of proposals"
        note="Of those that were decided, by the round in which their run began."
        csv={csv}
        shares={decisionShares(rows)}
        parts={DECISIONS}
        isEmpty={rows.every(({ untouched_share }) => untouched_share === null)}
        emptyText="No proposal was decided yet."
        testId="chart-engine-proposals"
      />
      <PointsCard
        title="Mean IoU"
        note="Of retrained models, on images of this project to measure by; the bar is the 95 % interval of the difference."
        csv={csv}
        points={miouPoints(rows)}
        text={(value) => decimalText(value, 3)}
        isFromZero={false}
        legend={MIOU_PARTS}
        emptyText="No model of these rounds was retrained here."
        testId="chart-engine-miou"
      />
    </>
  );
}

interface PointsProps {
  readonly title: string;
  readonly note: string;
  readonly csv: string;
  readonly points: readonly RoundPoint[];
  readonly references?: readonly Reference[];
  readonly text: (value: number | null) => string;
  readonly isFromZero?: boolean;
  readonly legend?: readonly Part[];
  readonly emptyText?: string;
  readonly testId: string;
}

const NO_REFERENCES: readonly Reference[] = [];
// All of it is in the query that the tab waited for.
const LOADED = { isPending: false, error: null, onRetry: () => undefined } as const;

function PointsCard(props: PointsProps) {
  const { title, points, references = NO_REFERENCES, text, isFromZero = true, emptyText, ...card } = props;
  return (
    <ChartCard
      {...LOADED}
      {...card}
      title={title}
      isEmpty={points.every(({ value }) => value === null)}
      emptyText={emptyText ?? "No mask was made by hand yet."}
      table={pointTable(title, points, text)}
    >
      <RoundChart points={points} references={references} text={text} isFromZero={isFromZero} />
    </ChartCard>
  );
}

function pointTable(
  caption: string,
  points: readonly RoundPoint[],
  text: (value: number | null) => string,
): TableData {
  const hasBefore = points.some(({ before }) => before !== null);
  return {
    caption,
    head: ["Round", caption, ...(hasBefore ? ["Before", "Interval"] : [])],
    rows: points.map(({ round, value, before, low, high }) => [
      round,
      text(value),
      ...(hasBefore ? [text(before), low === null ? "–" : `${text(low)} to ${text(high)}`] : []),
    ]),
  };
}

interface SharesProps {
  readonly title: string;
  readonly note: string;
  readonly csv: string;
  readonly shares: readonly Shares[];
  readonly parts: readonly Part[];
  readonly isEmpty: boolean;
  readonly emptyText: string;
  readonly testId: string;
}

function SharesCard({ shares, parts, ...card }: SharesProps) {
  return (
    <ChartCard
      {...LOADED}
      {...card}
      legend={parts}
      table={{
        caption: card.title,
        head: ["Round", ...parts.map(({ label }) => label)],
        rows: shares.map((row) => [row.round, ...parts.map(({ name }) => shareText(Number(row[name])))]),
      }}
    >
      <SharesChart shares={shares} parts={parts} />
    </ChartCard>
  );
}

import { BarChart } from "@mantine/charts";
import { Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { CheckFigures } from "../../api/types";
import { counted } from "../common/formats";
import { correctionsText, exactShare, PAPER } from "./checkTexts";
import "./checks.css";

/** What a check found: the shares of good masks with their intervals, and masks by IoU. */
export function CheckFiguresPanel({ figures }: { readonly figures: CheckFigures }) {
  const { histogram, mean_iou: mean, masks, images, own_images: own } = figures;
  const rows = histogram.map((count, index) => ({
    name: (index / histogram.length).toFixed(2),
    masks: count,
  }));
  const told = rows.filter((row) => row.masks > 0).map((row) => `${row.masks} from ${row.name}`);
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} data-testid="check-figures">
      <Paper withBorder p="md" radius="md">
        <Stack gap="md">
          <Interval name="IoU over 0.90" share={figures.above_90} paper={PAPER.above_90} />
          <Interval name="IoU over 0.75" share={figures.above_75} paper={PAPER.above_75} />
          <Text size="sm">
            Mean IoU {mean.toFixed(3)} of {counted(masks, "mask")} on {counted(images, "image")}:{" "}
            {correctionsText(figures)}.
          </Text>
          {own > 0 && (
            <Text size="sm" c="dimmed">
              {counted(own, "image was", "images were")} checked by the person whose work they are.
            </Text>
          )}
          <Text size="xs" c="dimmed">
            Bars: 95 % intervals. Lines: what the SAM paper reports of SA-1B.
          </Text>
        </Stack>
      </Paper>
      <Paper withBorder p="md" radius="md">
        <Title order={5} mb="xs">
          Masks by IoU before and after
        </Title>
        <div role="img" aria-label={`Histogram: ${told.join(", ")}`}>
          <BarChart
            h={200}
            data={rows}
            dataKey="name"
            series={[{ name: "masks", label: "Masks", color: "teal.6" }]}
            accessibilityLayer={false}
            tickLine="none"
            barProps={{ isAnimationActive: false }}
            xAxisProps={{ interval: 4 }}
            yAxisProps={{ width: 44, allowDecimals: false }}
          />
        </div>
      </Paper>
    </SimpleGrid>
  );
}

interface IntervalProps {
  readonly name: string;
  readonly share: CheckFigures["above_90"];
  readonly paper: number;
}

function Interval({ name, share: { share, low, high }, paper }: IntervalProps) {
  const at = (value: number) => `${100 * value}%`;
  return (
    <div>
      <Text size="sm" fw={600}>
        {name}: {exactShare(share)}
        <Text span size="sm" c="dimmed" fw={400}>
          {" "}
          ({exactShare(low)} to {exactShare(high)}; SA-1B {Math.round(100 * paper)} %)
        </Text>
      </Text>
      <div className="check-interval" aria-hidden>
        <div className="check-range" style={{ left: at(low), width: at(high - low) }} />
        <div className="check-share" style={{ left: at(share) }} />
        <div className="check-paper" style={{ left: at(paper) }} />
      </div>
    </div>
  );
}

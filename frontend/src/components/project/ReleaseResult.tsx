import { BarChart } from "@mantine/charts";
import { Stack, Text } from "@mantine/core";
import type { Job } from "../../api/types";
import { counted, percentage } from "../common/formats";
import { KeyFigures, type KeyFigure } from "../dashboard/KeyFigures";
import "../dashboard/dashboard.css";
import { JobFileResult } from "../jobs/JobFileResult";
import { intervalText } from "../quality/checkTexts";
import { rangeText, releaseOf, type ReleaseCounts } from "./releaseChoices";

interface Props {
  readonly job: Job;
  readonly onAgain: () => void;
  readonly onClose: () => void;
}

/** A release on its way, and the key figures of its card. */
export function ReleaseResult(props: Props) {
  const made = releaseOf(props.job);
  return (
    <JobFileResult what="release" note=". The whole card is in it: data_card.html." {...props}>
      {made && <CardFigures made={made} />}
    </JobFileResult>
  );
}

const whole = (value: number | null) => (value ?? 0).toLocaleString("en");

function CardFigures({ made: { images, masks, card } }: { readonly made: ReleaseCounts }) {
  const { mean, histogram } = card.masks_per_image;
  const automatic = card.stages.find(({ stage }) => stage === "fully_automatic")?.share ?? 0;
  const figures: KeyFigure[] = [
    { name: "Images", value: images, before: null, text: whole },
    { name: "Masks", value: masks, before: null, text: whole },
    {
      name: "Per image",
      value: mean,
      before: null,
      text: (value) => (value ?? 0).toFixed(1),
      note: "SA-1B ~100",
    },
    { name: "Fully automatic", value: automatic, before: null, text: percentage, note: "SA-1B 100 %" },
  ];
  const told = histogram.filter((row) => row.images > 0).map((row) => `${row.images} with ${rangeText(row)}`);
  return (
    <Stack gap="sm" data-testid="release-figures">
      <KeyFigures figures={figures} isPending={false} comparison={null} />
      <div role="img" aria-label={`Images by masks: ${told.join(", ")}`}>
        <BarChart
          h={160}
          data={histogram.map((row) => ({ name: rangeText(row), images: row.images }))}
          dataKey="name"
          series={[{ name: "images", label: "Images", color: "teal.6" }]}
          accessibilityLayer={false}
          tickLine="none"
          maxBarWidth={56}
          barProps={{ isAnimationActive: false }}
          xAxisLabel="masks on an image"
          xAxisProps={{ interval: 0 }}
          yAxisProps={{ width: 44, allowDecimals: false, tickCount: 3 }}
        />
      </div>
      <Text size="sm" data-testid="release-quality">
        {card.quality_check
          ? `${card.quality_check.name}: ${intervalText(card.quality_check.above_90)} of ${counted(card.quality_check.masks, "mask")} over IoU 0.90, ${intervalText(card.quality_check.above_75)} over 0.75.`
          : "No quality check: the card says that nobody knows how good the masks are."}
      </Text>
      {card.emptied > 0 && (
        <Text size="sm" c="dimmed">
          {counted(card.emptied, "mask")} too small for the scaled pictures{" "}
          {card.emptied === 1 ? "was" : "were"} left out.
        </Text>
      )}
      {card.images_not_looked_at > 0 && (
        <Text size="sm" c="dimmed">
          Faces and plates were not looked for in {counted(card.images_not_looked_at, "image")}.
        </Text>
      )}
    </Stack>
  );
}

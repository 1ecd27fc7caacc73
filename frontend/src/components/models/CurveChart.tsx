import { LineChart } from "@mantine/charts";
import { Center, Text, Title } from "@mantine/core";
import { useId } from "react";
import type { CurvePoint } from "../../api/types";
import { colorAt } from "../dashboard/series";
import { curvesOf, type Curves } from "./curves";

const HEIGHT = 200;
const LOSS_COLOR = colorAt(0);
const VAL_COLOR = colorAt(2);
const shared = {
  h: HEIGHT,
  dataKey: "step",
  curveType: "linear" as const,
  tickLine: "none" as const,
  // What they show is said in words beside them.
  accessibilityLayer: false,
  lineProps: { isAnimationActive: false },
  xAxisProps: {
    type: "number" as const,
    domain: ["dataMin", "dataMax"] as [string, string],
    tickCount: 6,
    allowDecimals: false,
  },
};
const range = ["auto", "auto"] as [string, string];

/** How a training goes: its loss, and the figure that decides on a sample of the images to measure by. */
export function CurveChart({ points }: { readonly points: readonly CurvePoint[] }) {
  const curves = curvesOf(points);
  return (
    <div className="training-curves">
      <LossCard {...curves} />
      <ValCard {...curves} />
    </div>
  );
}

function LossCard({ losses }: Curves) {
  const titleId = useId();
  const [first, last] = [losses[0], losses.at(-1)];
  return (
    <section
      className="chart-card"
      aria-labelledby={titleId}
      data-testid="loss-curve"
      data-points={losses.length}
    >
      <Title order={4} fz="md" id={titleId}>
        Loss
      </Title>
      {!first || !last ? (
        <Nothing text="It comes with the first steps." />
      ) : (
        <>
          <div aria-hidden inert>
            <LineChart
              {...shared}
              data={losses.map((point) => ({ ...point }))}
              withDots={losses.length < 3}
              yAxisProps={{ width: 48, domain: range, tickFormatter: (value: number) => value.toFixed(2) }}
              series={[
                { name: "loss", label: "Loss", color: `${LOSS_COLOR}55` },
                { name: "mean", label: "Running mean", color: LOSS_COLOR },
              ]}
            />
          </div>
          <Text size="xs" c="dimmed">
            {last.mean.toFixed(3)} at step {last.step.toLocaleString("en")} (running mean),{" "}
            {first.loss.toFixed(3)} at step {first.step.toLocaleString("en")}. Less is better.
          </Text>
        </>
      )}
    </section>
  );
}

function ValCard({ vals, best, before }: Curves) {
  const titleId = useId();
  return (
    <section
      className="chart-card"
      aria-labelledby={titleId}
      data-testid="val-curve"
      data-points={vals.length}
    >
      <Title order={4} fz="md" id={titleId}>
        Mean IoU on images to measure by
      </Title>
      {vals.length === 0 ? (
        <Nothing text="It is measured before the first step and twenty times after." />
      ) : (
        <>
          <div aria-hidden inert>
            <LineChart
              {...shared}
              data={vals.map((point) => ({ ...point }))}
              dotProps={{ r: 3, strokeWidth: 1 }}
              yAxisProps={{ width: 48, domain: range, tickFormatter: (value: number) => value.toFixed(3) }}
              series={[{ name: "val", label: "Mean IoU", color: VAL_COLOR }]}
              referenceLines={
                before === null
                  ? []
                  : [{ y: before, label: "before", labelPosition: "insideBottomRight", color: "gray.6" }]
              }
            />
          </div>
          <Text size="xs" c="dimmed">
            {before !== null && `${before.toFixed(3)} before the training`}
            {best && `, ${best.val.toFixed(3)} at best, at step ${best.step.toLocaleString("en")}`}. On a
            sample; more is better.
          </Text>
        </>
      )}
    </section>
  );
}

function Nothing({ text }: { readonly text: string }) {
  return (
    <Center h={HEIGHT}>
      <Text size="sm" c="dimmed" ta="center">
        {text}
      </Text>
    </Center>
  );
}

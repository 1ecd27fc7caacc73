import { Group, Slider, Text } from "@mantine/core";
import type { Confidences } from "../../api/proposals";
import { tooltip } from "../common/tooltip";
import { STATE_LOOKS, STATES } from "./outcomes";

interface Props {
  readonly confidences: Confidences;
  readonly threshold: number;
  readonly onThreshold: (threshold: number) => void;
}

/** How confident the model was, by what became of its proposals, with a threshold to be moved. */
export function ConfidenceChart({ confidences: { bins, total }, threshold, onThreshold }: Props) {
  const countOf = (bin: Confidences["bins"][number]) => STATES.reduce((sum, state) => sum + bin[state], 0);
  const most = Math.max(1, ...bins.map(countOf));
  const next = (index: number) => bins[index + 1]?.least ?? 1;
  const present = STATES.filter((state) => bins.some((bin) => bin[state] > 0));
  return (
    <div className="confidence-chart" data-testid="confidence-chart" data-total={total}>
      <Group justify="space-between" gap="xs" mb={6}>
        <Text size="sm" fw={600}>
          Predicted IoU
        </Text>
        <Group gap="sm">
          {present.map((state) => (
            <Group key={state} gap={4}>
              <span className="swatch" style={{ background: colorOf(state) }} />
              <Text size="xs">{STATE_LOOKS[state].name}</Text>
            </Group>
          ))}
        </Group>
      </Group>
      <div className="confidence-bars" role="img" aria-label={summary(bins, countOf)}>
        {bins.map((bin, index) => (
          <div
            key={bin.least}
            className="confidence-bin"
            data-below={bin.least < threshold - 1e-9}
            {...tooltip(
              `${bin.least.toFixed(2)} to ${next(index).toFixed(2)}: ${countOf(bin).toLocaleString("en")}`,
              "top",
            )}
          >
            {[...STATES].reverse().map((state) => (
              <div
                key={state}
                style={{ height: `${(100 * bin[state]) / most}%`, background: colorOf(state) }}
              />
            ))}
          </div>
        ))}
        <div className="confidence-line" style={{ left: `${100 * threshold}%` }} />
      </div>
      <Slider
        className="confidence-slider"
        size="sm"
        min={0}
        max={1}
        step={0.01}
        value={threshold}
        label={(value) => value.toFixed(2)}
        thumbLabel="Threshold of the predicted IoU"
        onChange={onThreshold}
        data-testid="threshold"
      />
    </div>
  );
}

function colorOf(state: (typeof STATES)[number]): string {
  return `var(--mantine-color-${STATE_LOOKS[state].color.replace(".", "-")})`;
}

function summary(bins: Confidences["bins"], countOf: (bin: Confidences["bins"][number]) => number): string {
  const full = bins.filter((bin) => countOf(bin) > 0);
  if (full.length === 0) return "No proposals";
  return `Histogram: ${full.map((bin) => `${countOf(bin)} from ${bin.least.toFixed(2)}`).join(", ")}`;
}

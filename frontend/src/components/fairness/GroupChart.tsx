import { Group, Text } from "@mantine/core";
import type { CSSProperties } from "react";
import type { Interval } from "../../api/fairness";
import { tooltip } from "../common/tooltip";
import { axisOf, intervalText, type GroupRow } from "./groupRows";

/** A line a group: mean IoU after one click and after three, each with its interval. What it shows stands in the table. */
export function GroupChart({ rows }: { readonly rows: readonly GroupRow[] }) {
  const { from, to } = axisOf(rows);
  const steps = Math.round(10 * (to - from));
  const ticks = Array.from({ length: steps + 1 }, (_, index) => from + index / 10);
  const place = (iou: number) => `${(100 * (iou - from)) / (to - from)}%`;
  return (
    <figure className="group-chart" data-testid="group-chart" data-groups={rows.length}>
      <figcaption>
        <Group justify="space-between" gap="xs">
          <Text size="sm" fw={600}>
            Mean IoU in percent, with 95 % intervals
          </Text>
          <Group gap="md" className="group-legend">
            <Text size="xs">
              <i data-clicks={1} /> 1 click
            </Text>
            <Text size="xs">
              <i data-clicks={3} /> 3 clicks
            </Text>
          </Group>
        </Group>
      </figcaption>
      <div className="group-lines" role="img" aria-label={summary(rows)}>
        {rows.map((row) => (
          <div key={row.key} className="group-line" data-small={row.isSmall} data-testid="group-line">
            <span className="group-name" title={row.name}>
              {row.name}
            </span>
            <div className="group-track">
              {ticks.map((tick) => (
                <span key={tick} className="group-grid" style={{ left: place(tick) }} />
              ))}
              <Mark interval={row.three.miou} clicks={3} name={row.name} place={place} />
              <Mark interval={row.one.miou} clicks={1} name={row.name} place={place} />
            </div>
          </div>
        ))}
        <div className="group-line">
          <span />
          <div className="group-axis">
            {ticks.map((tick) => (
              <span key={tick} style={{ left: place(tick) }}>
                {Math.round(100 * tick)}
              </span>
            ))}
          </div>
        </div>
      </div>
    </figure>
  );
}

interface MarkProps {
  readonly interval: Interval;
  readonly clicks: 1 | 3;
  readonly name: string;
  readonly place: (iou: number) => string;
}

function Mark({ interval, clicks, name, place }: MarkProps) {
  const { mean, low, high } = interval;
  const ends: CSSProperties | null =
    low === null || high === null
      ? null
      : { left: place(Math.max(low, 0)), right: `calc(100% - ${place(Math.min(high, 1))})` };
  return (
    <>
      {ends && <span className="group-interval" data-clicks={clicks} style={ends} />}
      <span
        className="group-dot"
        data-clicks={clicks}
        style={{ left: place(mean) }}
        {...tooltip(
          `${name}, ${clicks === 1 ? "1 click" : `${clicks} clicks`}: ${intervalText(interval)}`,
          "top",
        )}
      />
    </>
  );
}

function summary(rows: readonly GroupRow[]): string {
  const lines = rows.map(
    ({ name, one, three }) =>
      `${name}: ${intervalText(one.miou)} after 1 click, ${intervalText(three.miou)} after 3`,
  );
  return lines.join("; ");
}

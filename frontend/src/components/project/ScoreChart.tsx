import { Group, Text } from "@mantine/core";
import { tooltip } from "../common/tooltip";

interface Props {
  /** What the scores are called. */
  readonly name: string;
  /** Images by score, in equal parts from 0 to 1. */
  readonly bins: readonly number[];
}

/** How a score is spread over the images, small. */
export function ScoreChart({ name, bins }: Props) {
  const most = Math.max(1, ...bins);
  const from = (index: number) => (index / bins.length).toFixed(2);
  const full = bins.flatMap((count, index) => (count > 0 ? [`${count} from ${from(index)}`] : []));
  return (
    <div data-testid="score-chart">
      <Text size="xs" fw={600} mb={4}>
        {name}
      </Text>
      <div className="score-bars" role="img" aria-label={`${name}: ${full.join(", ")}`}>
        {bins.map((count, index) => (
          <div
            key={index}
            {...tooltip(`${from(index)} to ${from(index + 1)}: ${count.toLocaleString("en")} images`, "top")}
          >
            <div style={{ height: `${(100 * count) / most}%` }} />
          </div>
        ))}
      </div>
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          0
        </Text>
        <Text size="xs" c="dimmed">
          1
        </Text>
      </Group>
    </div>
  );
}

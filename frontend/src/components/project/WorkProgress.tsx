import { Group, Progress, Text, UnstyledButton } from "@mantine/core";
import type { WorkFigures, WorkStatus } from "../../api/types";
import { WORK_LOOKS, WORK_STATUSES } from "./workStatus";

interface Props {
  readonly figures: WorkFigures;
  readonly chosen: WorkStatus | null;
  /** Shows only the images of a status, or again all. */
  readonly onChoose: (status: WorkStatus | null) => void;
}

/** How far a project's images are: one bar, finished work first, and a number for every status there is. */
export function WorkProgress({ figures, chosen, onChoose }: Props) {
  const counts = WORK_STATUSES.map((status) => ({ status, count: figures.counts[status] ?? 0 }));
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return null;
  const present = counts.filter(({ count }) => count > 0).reverse();
  return (
    <div data-testid="work-progress">
      <Progress.Root size={10} radius="sm" aria-hidden>
        {present.map(({ status, count }) => (
          <Progress.Section
            key={status}
            value={(100 * count) / total}
            color={WORK_LOOKS[status].color}
            aria-label={WORK_LOOKS[status].label}
          />
        ))}
      </Progress.Root>
      <Group gap="md" mt={6}>
        {present.map(({ status, count }) => (
          <UnstyledButton
            key={status}
            className="work-count"
            aria-pressed={chosen === status}
            data-on={chosen === status}
            data-testid={`work-count-${status}`}
            onClick={() => onChoose(chosen === status ? null : status)}
          >
            <span
              className="swatch"
              style={{ background: `var(--mantine-color-${WORK_LOOKS[status].color}-filled)` }}
            />
            <Text size="xs" span>
              {WORK_LOOKS[status].label} {count.toLocaleString("en")}
            </Text>
          </UnstyledButton>
        ))}
      </Group>
    </div>
  );
}

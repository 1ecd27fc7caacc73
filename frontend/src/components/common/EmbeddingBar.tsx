import { Group, Progress, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { duration } from "./formats";

interface Props {
  readonly counts: {
    readonly queued: number;
    readonly running: number;
    readonly ready: number;
    readonly failed: number;
  };
  /** Null while nobody can tell. */
  readonly etaSeconds: number | null;
  /** What the bar is about. */
  readonly children: ReactNode;
}

/** How many of some images are embedded, in work or failed, and how long the rest will take. */
export function EmbeddingBar({ counts, etaSeconds, children }: Props) {
  const { queued, running, ready, failed } = counts;
  const total = queued + running + ready + failed;
  return (
    <>
      <Group justify="space-between" mb={6}>
        <Text size="sm">{children}</Text>
        {queued + running > 0 && (
          <Text size="sm" c="dimmed">
            {etaSeconds === null ? "Estimating…" : `about ${duration(etaSeconds)} left`}
          </Text>
        )}
      </Group>
      <Progress.Root size="sm">
        <Progress.Section value={(100 * ready) / total} color="teal" aria-label="Ready" />
        <Progress.Section value={(100 * running) / total} animated aria-label="Running" />
        <Progress.Section value={(100 * failed) / total} color="orange" aria-label="Failed" />
      </Progress.Root>
    </>
  );
}

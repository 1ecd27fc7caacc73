import { Badge, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCpu, IconServer2 } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { QueueHealthFigures } from "../../api/types";
import { duration, sinceWhen } from "../common/formats";

interface Props {
  readonly health: QueueHealthFigures;
  readonly now: Date;
}

/** How the workers and what waits for them are; names no project. */
export function QueueHealth({ health: { workers, embeddings, jobs }, now }: Props) {
  const waiting = embeddings.queued + embeddings.running;
  const isAnybodyThere = workers.some((worker) => worker.is_alive);
  return (
    <section
      className="surface"
      style={{ padding: "14px 16px" }}
      aria-label="Workers"
      data-testid="queue-health"
    >
      <Stack gap="md">
        <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="md">
          <Figure name="Images to embed" value={waiting} note={embeddingNote(embeddings)} />
          <Figure
            name="Embedded per minute"
            value={embeddings.per_minute}
            note={
              embeddings.failed > 0 ? `${embeddings.failed.toLocaleString("en")} failed` : "last 10 minutes"
            }
          />
          <Figure name="Jobs" value={jobs.queued + jobs.running} note={`${jobs.running} running`} />
          <Figure name="Failed jobs" value={jobs.failed_last_day} note="last 24 hours" />
        </SimpleGrid>
        {!isAnybodyThere && (
          <Group gap="xs" wrap="nowrap" role="status" c="var(--app-error)" data-testid="no-workers">
            <IconAlertTriangle size={18} style={{ flexShrink: 0 }} />
            <Text size="sm">No worker is alive. What waits is done once one is started.</Text>
          </Group>
        )}
        {workers.length > 0 && (
          <ul className="worker-list" aria-label="Workers">
            {workers.map((worker) => (
              <li key={worker.name} data-testid="worker" data-alive={worker.is_alive}>
                <IconServer2 size={18} aria-hidden />
                <Text size="sm" fw={600} truncate>
                  {worker.name}
                </Text>
                <Badge
                  size="sm"
                  variant="light"
                  color={worker.is_alive ? "teal" : "orange"}
                  style={{ textTransform: "none" }}
                >
                  {worker.is_alive ? (worker.busy_with.length > 0 ? "busy" : "idle") : "not heard of"}
                </Badge>
                <Text size="sm" className="faint">
                  {doing(worker, now)}
                </Text>
                <Text size="sm" className="faint worker-device">
                  <IconCpu size={14} aria-hidden /> {worker.device}
                  {worker.model && `, ${worker.model.split("@")[0]}`}
                </Text>
              </li>
            ))}
          </ul>
        )}
      </Stack>
    </section>
  );
}

function Figure({
  name,
  value,
  note,
}: {
  readonly name: string;
  readonly value: number;
  readonly note: ReactNode;
}) {
  return (
    <div>
      <Text size="xs" className="faint">
        {name}
      </Text>
      <Text fz={22} fw={700} lh={1.3}>
        {value.toLocaleString("en")}
      </Text>
      <Text size="xs" className="faint">
        {note}
      </Text>
    </div>
  );
}

function embeddingNote({ queued, running, eta_seconds }: QueueHealthFigures["embeddings"]): string {
  if (queued + running === 0) return "nothing waits";
  return eta_seconds === null ? "no estimate yet" : `about ${duration(eta_seconds)} left`;
}

const NAMES: Readonly<Record<string, string>> = {
  embeddings: "embeddings",
  export: "an export",
  import: "an import",
  "import.check": "a look at an import",
  "export.coco": "a COCO export",
  train: "a training",
  release: "a release",
};

function doing(
  { is_alive, seen_at, busy_with, queues }: QueueHealthFigures["workers"][number],
  now: Date,
): string {
  if (!is_alive) return `last seen ${sinceWhen(new Date(seen_at), now)}`;
  if (busy_with.length > 0) return busy_with.map((kind) => NAMES[kind] ?? kind).join(", ");
  return `waits for ${queues.join(" and ")} work`;
}

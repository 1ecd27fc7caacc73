import { Group, Progress, Text } from "@mantine/core";
import type { Project } from "../../api/types";
import { counted, duration } from "../common/formats";

/** How far the embeddings of a project are; nothing once all are settled. */
export function EmbeddingProgress({ project }: { readonly project: Project }) {
  const { queued, running, ready, failed } = project.embedding_counts;
  const total = queued + running + ready + failed;
  const waiting = queued + running;
  if (waiting === 0) return null;
  const eta = project.embedding_eta_seconds;
  return (
    <div className="surface" style={{ padding: "10px 14px" }} data-testid="embedding-progress">
      <Group justify="space-between" mb={6}>
        <Text size="sm">
          Preparing {counted(waiting, "image")} for annotation: {ready} of {total} ready
        </Text>
        <Text size="sm" c="dimmed">
          {eta === null ? "Estimating…" : `about ${duration(eta)} left`}
        </Text>
      </Group>
      <Progress.Root size="sm">
        <Progress.Section value={(100 * ready) / total} color="teal" aria-label="Ready" />
        <Progress.Section value={(100 * running) / total} animated aria-label="Running" />
        <Progress.Section value={(100 * failed) / total} color="orange" aria-label="Failed" />
      </Progress.Root>
    </div>
  );
}

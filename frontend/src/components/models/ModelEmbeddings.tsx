import { Group, Progress, Text } from "@mantine/core";
import type { ProjectModel } from "../../api/types";
import { counted, duration } from "../common/formats";

/** How many of a project's images are embedded with its model. */
export function ModelEmbeddings({ embeddings }: Pick<ProjectModel, "embeddings">) {
  const { queued, running, ready, failed, eta_seconds } = embeddings;
  const total = queued + running + ready + failed;
  const waiting = queued + running;
  if (total === 0) {
    return (
      <Text size="sm" c="dimmed">
        There are no images yet.
      </Text>
    );
  }
  return (
    <div data-testid="model-embeddings" data-ready={ready} data-waiting={waiting} data-total={total}>
      <Group justify="space-between" mb={6}>
        <Text size="sm">
          {waiting + failed === 0
            ? `${counted(total, "image")} embedded with it`
            : `${ready.toLocaleString("en")} of ${counted(total, "image")} embedded with it`}
          {failed > 0 && `, ${failed.toLocaleString("en")} failed`}
        </Text>
        {waiting > 0 && (
          <Text size="sm" c="dimmed">
            {eta_seconds === null ? "Estimating…" : `about ${duration(eta_seconds)} left`}
          </Text>
        )}
      </Group>
      <Progress.Root size="sm">
        <Progress.Section value={(100 * ready) / total} color="teal" aria-label="Ready" />
        <Progress.Section value={(100 * running) / total} animated aria-label="Running" />
        <Progress.Section value={(100 * failed) / total} color="orange" aria-label="Failed" />
      </Progress.Root>
      {waiting > 0 && (
        <Text size="xs" c="dimmed" mt={4}>
          Until its own is ready, each image stays with the model it has.
        </Text>
      )}
    </div>
  );
}

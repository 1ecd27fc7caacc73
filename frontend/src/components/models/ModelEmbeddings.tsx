import { Text } from "@mantine/core";
import type { ProjectModel } from "../../api/types";
import { EmbeddingBar } from "../common/EmbeddingBar";
import { counted } from "../common/formats";

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
      <EmbeddingBar counts={embeddings} etaSeconds={eta_seconds}>
        {waiting + failed === 0
          ? `${counted(total, "image")} embedded with it`
          : `${ready.toLocaleString("en")} of ${counted(total, "image")} embedded with it`}
        {failed > 0 && `, ${failed.toLocaleString("en")} failed`}
      </EmbeddingBar>
      {waiting > 0 && (
        <Text size="xs" c="dimmed" mt={4}>
          Until its own is ready, each image stays with the model it has.
        </Text>
      )}
    </div>
  );
}

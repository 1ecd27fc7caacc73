import { Group, Loader, Paper, Text } from "@mantine/core";
import type { Embedding } from "../../api/types";
import { ErrorNotice } from "../common/ErrorNotice";
import { duration } from "../common/formats";

interface Props {
  readonly embedding: Embedding;
  readonly isImageBroken: boolean;
  /** State of the project's queue, for the wait ahead. */
  readonly waitingImages: number;
  readonly etaSeconds: number | null;
  readonly decoder: { readonly kind: string; readonly code?: string; readonly message?: string };
  readonly onRetryEmbedding: () => void;
  readonly onRetryDecoder: () => void;
}

/** Why one cannot annotate yet, and how long it will take; nothing once one can. */
export function EmbeddingNotice(props: Props) {
  const { embedding, decoder } = props;
  if (props.isImageBroken) {
    const message = "The server did not deliver it, or this browser cannot show it.";
    return (
      <div className="stage-notice">
        <ErrorNotice
          title="The photograph could not be loaded"
          error={{ code: "image.not_loaded", message }}
        />
      </div>
    );
  }
  if (embedding.state === "failed") {
    const error = {
      code: embedding.error_code,
      message: embedding.error_message || "It failed without a reason.",
    };
    return (
      <div className="stage-notice" data-testid="embedding-failed">
        <ErrorNotice title="This image's embedding failed" error={error} onRetry={props.onRetryEmbedding} />
      </div>
    );
  }
  if (embedding.state !== "ready") {
    return (
      <Paper className="stage-notice" p="md" shadow="md" data-testid="embedding-waiting">
        <Group wrap="nowrap">
          <Loader size="sm" />
          <div>
            <Text size="sm" fw={600}>
              {embedding.state === "running" ? "Computing this image's embedding" : "Waiting for a worker"}
            </Text>
            <Text size="xs" c="dimmed">
              {waitText(props.waitingImages, props.etaSeconds)} Masks can be drawn as soon as it is done.
            </Text>
          </div>
        </Group>
      </Paper>
    );
  }
  if (decoder.kind === "failed") {
    const error = { code: decoder.code ?? "decoder.failed", message: decoder.message ?? "" };
    return (
      <div className="stage-notice">
        <ErrorNotice title="The decoder could not be loaded" error={error} onRetry={props.onRetryDecoder} />
      </div>
    );
  }
  if (decoder.kind === "ready") return null;
  return (
    <Paper className="stage-notice" p="sm" shadow="md" w="auto" data-testid="decoder-loading">
      <Group gap="xs" justify="center">
        <Loader size="xs" />
        <Text size="sm">Loading the decoder</Text>
      </Group>
    </Paper>
  );
}

function waitText(images: number, etaSeconds: number | null): string {
  if (images <= 1) return "";
  const eta = etaSeconds === null ? "" : `, about ${duration(etaSeconds)}`;
  return `${images} images are waiting in this project${eta}.`;
}

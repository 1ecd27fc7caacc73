import { Badge, Loader, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconClock } from "@tabler/icons-react";
import type { Embedding, EmbeddingState } from "../../api/types";

export const STATE_NAMES: Record<EmbeddingState, string> = {
  queued: "Queued",
  running: "Embedding",
  ready: "Ready",
  failed: "Failed",
};

const LOOKS: Record<EmbeddingState, { color: string; icon: React.ReactNode }> = {
  queued: { color: "gray", icon: <IconClock size={12} /> },
  running: { color: "sky", icon: <Loader size={10} color="white" /> },
  ready: { color: "teal", icon: <IconCheck size={12} /> },
  failed: { color: "orange", icon: <IconAlertTriangle size={12} /> },
};

/** The state of an image's embedding, with the reason when it failed. */
export function StateBadge({ embedding }: { readonly embedding: Embedding }) {
  const look = LOOKS[embedding.state];
  const badge = (
    <Badge
      size="sm"
      variant="filled"
      color={look.color}
      leftSection={look.icon}
      data-testid="embedding-state"
      data-state={embedding.state}
      style={{ textTransform: "none" }}
    >
      {STATE_NAMES[embedding.state]}
    </Badge>
  );
  if (embedding.state !== "failed") return badge;
  return <Tooltip label={embedding.error_message || "It failed without a reason."}>{badge}</Tooltip>;
}

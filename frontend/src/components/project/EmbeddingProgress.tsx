import type { Project } from "../../api/types";
import { EmbeddingBar } from "../common/EmbeddingBar";
import { counted } from "../common/formats";

/** How far the embeddings of a project are; nothing once all are settled. */
export function EmbeddingProgress({ project }: { readonly project: Project }) {
  const { queued, running, ready, failed } = project.embedding_counts;
  const total = queued + running + ready + failed;
  const waiting = queued + running;
  if (waiting === 0) return null;
  return (
    <div className="surface" style={{ padding: "10px 14px" }} data-testid="embedding-progress">
      <EmbeddingBar counts={project.embedding_counts} etaSeconds={project.embedding_eta_seconds}>
        Preparing {counted(waiting, "image")} for annotation: {ready} of {total} ready
      </EmbeddingBar>
    </div>
  );
}

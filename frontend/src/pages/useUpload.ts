import { useSyncExternalStore } from "react";
import type { FoundFile } from "../components/project/droppedFiles";
import type { UploadState } from "../components/project/UploadStatus";
import { useServices } from "./services";

export interface Upload {
  readonly state: UploadState;
  start(files: readonly FoundFile[]): void;
  cancel(): void;
  dismiss(): void;
}

/** The upload to a project, begun on this visit of its page or on one before. `onBatch` runs after each batch. */
export function useUpload(projectId: number, onBatch: () => void): Upload {
  const { uploads } = useServices();
  const state = useSyncExternalStore(uploads.subscribe, () => uploads.stateOf(projectId));
  return {
    state,
    start: (files) => void uploads.start(projectId, files, onBatch),
    cancel: () => uploads.cancel(projectId),
    dismiss: () => uploads.dismiss(projectId),
  };
}

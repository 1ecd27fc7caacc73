import { useRef, useState } from "react";
import { describeError } from "../api/errors";
import type { UploadError, UploadResult } from "../api/types";
import { uploadImages } from "../api/uploads";
import type { FoundFile } from "../components/project/droppedFiles";
import type { UploadState } from "../components/project/UploadStatus";

/** A request carries at most this much, so that a broken connection costs one batch and not the folder. */
const BATCH_BYTES = 64 * 1024 ** 2;
const BATCH_FILES = 100;

export interface Upload {
  readonly state: UploadState;
  start(files: readonly FoundFile[]): void;
  cancel(): void;
  dismiss(): void;
}

/** Sends files in batches and tells how far it is and what became of them. `onBatch` runs after each. */
export function useUpload(projectId: number, onBatch: () => void): Upload {
  const [state, setState] = useState<UploadState>({ kind: "idle" });
  const running = useRef<AbortController | null>(null);

  const start = async (files: readonly FoundFile[]): Promise<void> => {
    if (files.length === 0 || running.current) return;
    const abort = new AbortController();
    running.current = abort;
    const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
    const outcome = { created: 0, duplicates: 0, errors: [] as UploadError[] };
    let doneBytes = 0;
    const report = (sentBytes: number) =>
      setState({
        kind: "sending",
        files: files.length,
        sentBytes: Math.min(sentBytes, totalBytes),
        totalBytes,
      });
    report(0);
    for (const batch of batches(files)) {
      if (abort.signal.aborted) break;
      try {
        add(outcome, await uploadImages(projectId, batch, (sent) => report(doneBytes + sent), abort.signal));
      } catch (error) {
        // Whatever refused the batch as a whole refused each of its files.
        const { code, message } = describeError(error);
        outcome.errors.push(...batch.map(({ path }) => ({ file_name: path, code, message })));
      }
      doneBytes += batch.reduce((sum, { file }) => sum + file.size, 0);
      onBatch();
    }
    running.current = null;
    setState({ kind: "finished", ...outcome });
  };

  return {
    state,
    start: (files) => void start(files),
    cancel: () => running.current?.abort(),
    dismiss: () => setState({ kind: "idle" }),
  };
}

function add(
  outcome: { created: number; duplicates: number; errors: UploadError[] },
  result: UploadResult,
): void {
  outcome.created += result.created.length;
  outcome.duplicates += result.duplicates.length;
  outcome.errors.push(...result.errors);
}

function batches(files: readonly FoundFile[]): FoundFile[][] {
  const result: FoundFile[][] = [];
  let bytes = Infinity;
  for (const found of files) {
    const current = result.at(-1);
    if (!current || bytes + found.file.size > BATCH_BYTES || current.length >= BATCH_FILES) {
      result.push([found]);
      bytes = found.file.size;
    } else {
      current.push(found);
      bytes += found.file.size;
    }
  }
  return result;
}

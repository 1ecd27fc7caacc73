import { Listeners } from "../common/listeners";
import { describeError } from "../api/errors";
import type { UploadError, UploadResult } from "../api/types";
import { uploadImages } from "../api/uploads";
import type { FoundFile } from "../components/project/droppedFiles";
import type { UploadState } from "../components/project/UploadStatus";

/** A request carries at most this much, so that a broken connection costs one batch and not the folder. */
const BATCH_BYTES = 64 * 1024 ** 2;
const BATCH_FILES = 100;

const IDLE: UploadState = { kind: "idle" };

/** Uploads by project: they go on while somebody annotates, are found again on the project's page, and end with the log-in. */
export class Uploads {
  private readonly states = new Map<number, UploadState>();
  private readonly running = new Map<number, AbortController>();
  private readonly listeners = new Listeners();
  readonly subscribe = this.listeners.subscribe;

  stateOf(projectId: number): UploadState {
    return this.states.get(projectId) ?? IDLE;
  }

  /** Sends files in batches, unless the project has an upload under way. `onBatch` runs after each. */
  async start(projectId: number, files: readonly FoundFile[], onBatch: () => void): Promise<void> {
    if (files.length === 0 || this.running.has(projectId)) return;
    const abort = new AbortController();
    this.running.set(projectId, abort);
    const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
    const outcome = { created: 0, duplicates: 0, errors: [] as UploadError[] };
    let doneBytes = 0;
    const show = (state: UploadState) => {
      // After `endAll` the project's upload may be another one, of another person.
      if (this.running.get(projectId) === abort) this.set(projectId, state);
    };
    const report = (sentBytes: number) =>
      show({ kind: "sending", files: files.length, sentBytes: Math.min(sentBytes, totalBytes), totalBytes });
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
    show({ kind: "finished", ...outcome });
    if (this.running.get(projectId) === abort) this.running.delete(projectId);
  }

  cancel(projectId: number): void {
    this.running.get(projectId)?.abort();
  }

  dismiss(projectId: number): void {
    this.set(projectId, IDLE);
  }

  /** Whoever began them is gone: nothing is sent in the next person's name, and nothing of it shown to them. */
  endAll(): void {
    for (const abort of this.running.values()) abort.abort();
    this.running.clear();
    this.states.clear();
    this.publish();
  }

  private set(projectId: number, state: UploadState): void {
    this.states.set(projectId, state);
    this.publish();
  }

  private publish(): void {
    this.listeners.tell();
  }
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

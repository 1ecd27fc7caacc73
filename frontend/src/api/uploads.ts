import { csrfToken } from "./client";
import { apiError, ApiError, UNREACHABLE } from "./errors";
import type { UploadResult } from "./types";

/** A file to send, with its path inside the folder it was dropped with. */
export interface UploadFile {
  readonly file: File;
  readonly path: string;
}

/**
 * Sends one batch. `onProgress` gets the bytes sent so far. A batch of which nothing could be kept answers with an
 * error status and still lists why, file by file; that list is returned, not thrown.
 *
 * XMLHttpRequest because fetch tells nothing about the progress of a request's body.
 */
export function uploadImages(
  projectId: number,
  files: readonly UploadFile[],
  onProgress: (sentBytes: number) => void,
  signal: AbortSignal,
): Promise<UploadResult> {
  const form = new FormData();
  for (const { file, path } of files) {
    form.append("files", file, file.name);
    form.append("paths", path);
  }
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/projects/${projectId}/images/`);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.responseType = "json";
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      const body = request.response as unknown;
      if (isUploadResult(body)) resolve(body);
      else reject(apiError(request.status, body));
    };
    request.onerror = () => reject(new ApiError(0, UNREACHABLE, "The connection broke during the upload."));
    request.onabort = () => reject(new ApiError(0, "upload.cancelled", "The upload was cancelled."));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

function isUploadResult(body: unknown): body is UploadResult {
  return typeof body === "object" && body !== null && "created" in body && "errors" in body;
}

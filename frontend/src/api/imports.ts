import { client, csrfToken, dataOf } from "./client";
import { apiError, ApiError, UNREACHABLE } from "./errors";
import type { ImportUpload, Place } from "./types";

/**
 * Sends a zip to be imported; nothing is imported yet. `onProgress` gets the share sent so far, from 0 to 1.
 *
 * XMLHttpRequest because fetch tells nothing about the progress of a request's body.
 */
export function uploadDataset(
  projectId: number,
  file: File,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<ImportUpload> {
  const form = new FormData();
  form.append("file", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/projects/${projectId}/imports/`);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const body = request.response as unknown;
      if (request.status === 201 && isUpload(body)) resolve(body);
      else reject(apiError(request.status, body));
    };
    request.onerror = () => reject(new ApiError(0, UNREACHABLE, "The connection broke during the upload."));
    request.onabort = () => reject(new ApiError(0, "upload.cancelled", "The upload was cancelled."));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

/** What lies in a folder that may be imported from; the places themselves for an empty path. */
export function fetchPlace(projectId: number, path: string): Promise<Place> {
  return dataOf(
    client.GET("/api/v1/projects/{project_id}/imports/places/", {
      params: { path: { project_id: projectId }, query: path ? { path } : {} },
    }),
  );
}

function isUpload(body: unknown): body is ImportUpload {
  return typeof body === "object" && body !== null && "id" in body && "file_name" in body;
}

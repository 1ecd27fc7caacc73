import type { DecoderOutput } from "../sam/candidates";
import { imageIdOf } from "../inference/imageKeys";
import type { ServerDecodeRequest } from "../inference/protocol";
import { base64ToFloats, floatsToBase64 } from "./base64";
import { client, dataOf, done } from "./client";
import type { Embedding, EmbeddingState, ImageDetail, ImageList, WorkStatus } from "./types";

export interface ImageFilter {
  readonly state: EmbeddingState | null;
  readonly isAnnotated: boolean | null;
  readonly status: WorkStatus | null;
  /** Whose: a person's id, nobody's, or null for anybody's. */
  readonly assignee: number | "nobody" | null;
  /** Id of a tag the images have; null for any or none. */
  readonly tag: number | null;
  /** Part of the file's name; empty for any. */
  readonly name: string;
  /** As people are given them, and only images that have a rank; otherwise the oldest first. */
  readonly isByRank: boolean;
}

export const NO_FILTER: ImageFilter = {
  state: null,
  isAnnotated: null,
  status: null,
  assignee: null,
  tag: null,
  name: "",
  isByRank: false,
};

export function fetchImages(
  projectId: number,
  filter: ImageFilter,
  cursor: string | null,
  pageSize = 60,
): Promise<ImageList> {
  return dataOf(
    client.GET("/api/v1/projects/{project_id}/images/", {
      params: {
        path: { project_id: projectId },
        query: {
          page_size: pageSize,
          ...(cursor ? { cursor } : {}),
          ...(filter.state ? { state: filter.state } : {}),
          ...(filter.isAnnotated === null ? {} : { annotated: filter.isAnnotated }),
          ...(filter.status ? { status: [filter.status] } : {}),
          ...(filter.assignee === "nobody" ? { assigned: false } : {}),
          ...(typeof filter.assignee === "number" ? { assignee: filter.assignee } : {}),
          ...(filter.tag === null ? {} : { tag: filter.tag }),
          ...(filter.name ? { name: filter.name } : {}),
          ...(filter.isByRank ? { ordering: "rank" as const } : {}),
        },
      },
    }),
  );
}

export function fetchImage(imageId: number): Promise<ImageDetail> {
  return dataOf(client.GET("/api/v1/images/{image_id}/", { params: { path: { image_id: imageId } } }));
}

export function deleteImage(imageId: number): Promise<void> {
  return done(client.DELETE("/api/v1/images/{image_id}/", { params: { path: { image_id: imageId } } }));
}

export function retryEmbedding(imageId: number): Promise<Embedding> {
  return dataOf(
    client.POST("/api/v1/images/{image_id}/embedding/retry/", { params: { path: { image_id: imageId } } }),
  );
}

/** Decodes on the server, the last rung. */
export async function decodeOnServer(request: ServerDecodeRequest): Promise<DecoderOutput> {
  const { pointCoords, pointLabels, maskInput, window } = request;
  const answer = await dataOf(
    client.POST("/api/v1/images/{image_id}/decode/", {
      params: { path: { image_id: imageIdOf(request.image) } },
      body: {
        point_coords: Array.from(pointLabels, (_, i) => [pointCoords[2 * i]!, pointCoords[2 * i + 1]!]),
        point_labels: Array.from(pointLabels) as (-1 | 0 | 1 | 2 | 3)[],
        mask_input: maskInput ? floatsToBase64(maskInput) : null,
        model: request.model,
        window: window && [window.x0, window.y0, window.x1, window.y1],
      },
    }),
  );
  return {
    iouPredictions: Float32Array.from(answer.iou_predictions),
    lowResMasks: base64ToFloats(answer.low_res_masks),
  };
}

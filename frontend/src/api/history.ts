import { client, dataOf, timeLimit } from "./client";
import type { DeletedMask, Mask, MaskHistoryEntry, MaskRevision } from "./types";

/** What happened to a mask, the newest first. */
export function fetchMaskHistory(maskId: string): Promise<MaskHistoryEntry[]> {
  return dataOf(client.GET("/api/v1/masks/{mask_id}/history/", { params: { path: { mask_id: maskId } } }));
}

/** A state that the mask had and no longer has. */
export function fetchMaskRevision(maskId: string, revision: number): Promise<MaskRevision> {
  return dataOf(
    client.GET("/api/v1/masks/{mask_id}/history/{revision}/", {
      params: { path: { mask_id: maskId, revision } },
    }),
  );
}

/** Masks of the image that are deleted and can be brought back, those deleted last first. */
export function fetchDeletedMasks(imageId: number): Promise<DeletedMask[]> {
  return dataOf(
    client.GET("/api/v1/images/{image_id}/masks/deleted/", { params: { path: { image_id: imageId } } }),
  );
}

/** A state of before, to become the newest one of a mask that is at revision `present`, or was deleted there. */
export interface Restoring {
  readonly maskId: string;
  readonly revision: number;
  readonly present: number;
}

/** Names the person who asks, and throws, as `updateMask` does. */
export function restoreMask(asUser: number, { maskId, revision, present }: Restoring): Promise<Mask> {
  return dataOf(
    client.POST("/api/v1/masks/{mask_id}/restore/", {
      params: { path: { mask_id: maskId }, header: { "X-As-User": asUser } },
      body: { revision, from: present },
      signal: timeLimit(),
    }),
  );
}

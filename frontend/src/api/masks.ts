import { client, dataOf, done } from "./client";
import type { Mask, MaskCreate, MaskUpdate } from "./types";

export function fetchMasks(imageId: number): Promise<Mask[]> {
  return dataOf(client.GET("/api/v1/images/{image_id}/masks/", { params: { path: { image_id: imageId } } }));
}

/** Saves a mask under the id it carries; sending it again changes nothing. */
export function createMask(imageId: number, body: MaskCreate): Promise<Mask> {
  return dataOf(
    client.POST("/api/v1/images/{image_id}/masks/", { params: { path: { image_id: imageId } }, body }),
  );
}

/** Throws `ApiError` `mask.stale_revision` with `extra.current` when somebody else was first. */
export function updateMask(maskId: string, body: MaskUpdate): Promise<Mask> {
  return dataOf(client.PATCH("/api/v1/masks/{mask_id}/", { params: { path: { mask_id: maskId } }, body }));
}

export function deleteMask(maskId: string, revision: number): Promise<void> {
  return done(
    client.DELETE("/api/v1/masks/{mask_id}/", {
      params: { path: { mask_id: maskId }, query: { revision } },
    }),
  );
}

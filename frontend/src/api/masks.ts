import { client, dataOf, done, timeLimit } from "./client";
import type { Mask, MaskChanges, MaskCreate, MaskUpdate } from "./types";

/** What happened since a cursor; all masks and the first cursor without one. */
export function fetchMaskChanges(
  imageId: number,
  since: string | null,
  signal?: AbortSignal,
): Promise<MaskChanges> {
  return dataOf(
    client.GET("/api/v1/images/{image_id}/masks/changes/", {
      params: { path: { image_id: imageId }, query: since === null ? {} : { since } },
      ...(signal ? { signal } : {}),
    }),
  );
}

// The writes name the person whose work they carry: the browser's session may be somebody else's by now, and is then
// refused with `ApiError` `auth.other_user`.

/** Saves a mask under the id it carries: what the server holds now, and whether this request made it. */
export async function createMask(
  asUser: number,
  imageId: number,
  body: MaskCreate,
): Promise<{ mask: Mask; isNew: boolean }> {
  const answer = client.POST("/api/v1/images/{image_id}/masks/", {
    params: { path: { image_id: imageId }, header: { "X-As-User": asUser } },
    body,
    signal: timeLimit(),
  });
  return { mask: await dataOf(answer), isNew: (await answer).response.status === 201 };
}

/** Throws `ApiError` `mask.stale_revision` with `extra` = `StaleMask` when somebody else was first. */
export function updateMask(asUser: number, maskId: string, body: MaskUpdate): Promise<Mask> {
  return dataOf(
    client.PATCH("/api/v1/masks/{mask_id}/", {
      params: { path: { mask_id: maskId }, header: { "X-As-User": asUser } },
      body,
      signal: timeLimit(),
    }),
  );
}

/** Throws like `updateMask`. */
export function deleteMask(asUser: number, maskId: string, revision: number): Promise<void> {
  return done(
    client.DELETE("/api/v1/masks/{mask_id}/", {
      params: { path: { mask_id: maskId }, query: { revision }, header: { "X-As-User": asUser } },
      signal: timeLimit(),
    }),
  );
}

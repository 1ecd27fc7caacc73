import type { ImageBox } from "../geometry/boxes";
import { windowName } from "../geometry/crops";
import { client, dataOf } from "./client";
import type { Crop } from "./types";

/** Asks for a window of an image to be embedded on its own; one that is there already comes at once. */
export function requestCrop(imageId: number, { x0, y0, x1, y1 }: ImageBox): Promise<Crop> {
  return dataOf(
    client.POST("/api/v1/images/{image_id}/crops/", {
      params: { path: { image_id: imageId } },
      body: { window: [x0, y0, x1, y1] },
    }),
  );
}

export function fetchCrop(imageId: number, window: ImageBox): Promise<Crop> {
  return dataOf(
    client.GET("/api/v1/images/{image_id}/crops/{window}/", {
      params: { path: { image_id: imageId, window: windowName(window) } },
    }),
  );
}

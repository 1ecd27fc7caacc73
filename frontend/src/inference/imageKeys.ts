import type { ImageBox } from "../geometry/boxes";
import { windowName } from "../geometry/crops";

/** The name under which an image, or a window of it, is open in the decoder. */
export function imageKey(imageId: number, window: ImageBox | null = null): string {
  return window ? `${imageId}/${windowName(window)}` : String(imageId);
}

/** The image a key is of. */
export function imageIdOf(key: string): number {
  return Number(key.split("/")[0]);
}

import type { ImageBox } from "../geometry/boxes";
import type { IndexedMask } from "./columns";

/** The smallest box that holds all these masks; null when none of them has a pixel. */
export function boundsOf(masks: Iterable<IndexedMask>): ImageBox | null {
  let bounds: ImageBox | null = null;
  for (const { bbox } of masks) {
    if (!bbox) continue;
    const box = { x0: bbox.x, y0: bbox.y, x1: bbox.x + bbox.width, y1: bbox.y + bbox.height };
    bounds = bounds
      ? {
          x0: Math.min(bounds.x0, box.x0),
          y0: Math.min(bounds.y0, box.y0),
          x1: Math.max(bounds.x1, box.x1),
          y1: Math.max(bounds.y1, box.y1),
        }
      : box;
  }
  return bounds;
}

import type { ImageBox } from "../geometry/boxes";
import type { IndexedMask } from "./columns";
import { intersectMasks } from "./combine";
import { rleArea, type Bbox } from "./rle";
import { rectangleMask } from "./shapes";

/** Whether two masks' boxes share a pixel; null stands for the box of an empty mask. */
export function boxesMeet(a: Bbox | null, b: Bbox | null): boolean {
  if (!a || !b) return false;
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Intersection over union; 0 for two empty masks. */
export function maskIou(a: IndexedMask, b: IndexedMask): number {
  if (!boxesMeet(a.bbox, b.bbox)) return 0;
  const shared = rleArea(intersectMasks(a.rle, b.rle));
  return shared / (a.area + b.area - shared);
}

/** Whether the intersection over union exceeds `limit`; most pairs are told apart by box and area alone. */
export function overlapsMore(a: IndexedMask, b: IndexedMask, limit: number): boolean {
  const [small, large] = a.area < b.area ? [a.area, b.area] : [b.area, a.area];
  return small > limit * large && maskIou(a, b) > limit;
}

/** The share of a mask's pixels that lie in a box of whole pixels. */
export function shareInside(mask: IndexedMask, box: ImageBox): number {
  if (mask.area === 0) return 0;
  return rleArea(intersectMasks(mask.rle, rectangleMask(box, mask.rle.size))) / mask.area;
}

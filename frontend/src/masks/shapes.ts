import type { ImageBox } from "../geometry/boxes";
import type { ImagePoint } from "../geometry/points";
import type { Size } from "../geometry/size";
import { emptyMask, unionMasks } from "./combine";
import type { Rle } from "./rle";
import { StretchWriter } from "./stretches";

// Shapes in original image pixels, continuous: pixel (x, y) belongs to a shape when its centre (x + 0.5, y + 0.5)
// does. What lies outside the image is cut off.

/**
 * A disc of `radius` moved along a path of at least one point: the pixels whose centre is no further than `radius`
 * from the path.
 */
export function strokeMask(path: readonly ImagePoint[], radius: number, size: Size): Rle {
  let stroke = emptyMask(size);
  for (let index = Math.min(1, path.length - 1); index >= 0 && index < path.length; index++) {
    stroke = unionMasks(stroke, capsule(path[Math.max(0, index - 1)]!, path[index]!, radius, size));
  }
  return stroke;
}

/** Whole pixels from (x0, y0) up to, and without, (x1, y1). */
export function rectangleMask(box: ImageBox, size: Size): Rle {
  const writer = new StretchWriter(size);
  const last = Math.min(size.width, box.x1);
  for (let x = Math.max(0, box.x0); x < last; x++) writer.add(x, box.y0, box.y1);
  return writer.finish();
}

/**
 * The inside of a closed polygon by the even-odd rule. An edge belongs to the pixels below and to the right of it,
 * so polygons that share an edge share no pixel.
 */
export function polygonMask(vertices: readonly ImagePoint[], size: Size): Rle {
  const crossings = new Map<number, number[]>();
  vertices.forEach((a, index) => {
    const b = vertices[(index + 1) % vertices.length]!;
    const last = Math.min(size.width, Math.ceil(Math.max(a.x, b.x) - 0.5));
    for (let x = Math.max(0, Math.ceil(Math.min(a.x, b.x) - 0.5)); x < last; x++) {
      const row = a.y + ((x + 0.5 - a.x) * (b.y - a.y)) / (b.x - a.x);
      const column = crossings.get(x);
      if (column) column.push(row);
      else crossings.set(x, [row]);
    }
  });
  const writer = new StretchWriter(size);
  for (const [x, rows] of [...crossings].sort(([a], [b]) => a - b)) {
    rows.sort((a, b) => a - b);
    for (let index = 0; index + 1 < rows.length; index += 2) {
      writer.add(x, Math.ceil(rows[index]! - 0.5), Math.ceil(rows[index + 1]! - 0.5));
    }
  }
  return writer.finish();
}

/** Pixels whose centre is no further than `radius` from the line between two points; convex, so one stretch each. */
function capsule(a: ImagePoint, b: ImagePoint, radius: number, size: Size): Rle {
  const writer = new StretchWriter(size);
  const left = Math.max(0, Math.floor(Math.min(a.x, b.x) - radius));
  const right = Math.min(size.width, Math.ceil(Math.max(a.x, b.x) + radius));
  const isInside = (x: number, row: number) => isNear(a, b, radius, x, row + 0.5);
  for (let x = left; x < right; x++) {
    const centre = x + 0.5;
    const span = capsuleSpan(a, b, radius, centre);
    if (!span) continue;
    // The closed form is a rounding error off at most; the distance itself decides about the end pixels.
    let from = Math.floor(span[0] - 0.5);
    let to = Math.ceil(span[1] - 0.5) + 1;
    while (from < to && !isInside(centre, from)) from++;
    while (from < to && !isInside(centre, to - 1)) to--;
    writer.add(x, from, to);
  }
  return writer.finish();
}

/** The stretch of the vertical line at `x` inside the capsule, or null. */
function capsuleSpan(a: ImagePoint, b: ImagePoint, radius: number, x: number): [number, number] | null {
  const bounds: number[] = [];
  for (const end of [a, b]) {
    const square = radius ** 2 - (x - end.x) ** 2;
    if (square >= 0) bounds.push(end.y - Math.sqrt(square), end.y + Math.sqrt(square));
  }
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  if (dx !== 0) {
    // Between the perpendiculars through both ends and no further than the radius from the line.
    const middle = a.y + (dy * (x - a.x)) / dx;
    const half = Math.abs((radius * Math.hypot(dx, dy)) / dx);
    const ends = dy === 0 ? [] : [a, b].map((end) => end.y - (dx * (x - end.x)) / dy).sort((p, q) => p - q);
    const isBetween = dy !== 0 || (x - a.x) * (x - b.x) <= 0;
    const low = Math.max(middle - half, ends[0] ?? -Infinity);
    const high = Math.min(middle + half, ends[1] ?? Infinity);
    if (isBetween && low <= high) bounds.push(low, high);
  } else if (Math.abs(x - a.x) <= radius) bounds.push(a.y, b.y);
  return bounds.length === 0 ? null : [Math.min(...bounds), Math.max(...bounds)];
}

function isNear(a: ImagePoint, b: ImagePoint, radius: number, x: number, y: number): boolean {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length2 = dx * dx + dy * dy;
  const along = (x - a.x) * dx + (y - a.y) * dy;
  if (length2 === 0 || along <= 0) return (x - a.x) ** 2 + (y - a.y) ** 2 <= radius ** 2;
  if (along >= length2) return (x - b.x) ** 2 + (y - b.y) ** 2 <= radius ** 2;
  // Compared before dividing: exact for the halves and quarters of a pixel that pointers give.
  return ((y - a.y) * dx - (x - a.x) * dy) ** 2 <= radius ** 2 * length2;
}

import type { ImageBox } from "../geometry/boxes";
import { imagePoint, type ImagePoint } from "../geometry/points";

const MOST_PER_SIDE = 12;
/** Points nearer to each other than this, in pixels, would find the same things. */
const CLOSEST = 8;

/**
 * The points to ask for everything in a box, as whole pixels: the middles of equal, about square cells, at most 12 of
 * them along the longer side. In an order that covers the whole box early on, so that a run that is stopped has
 * looked everywhere.
 */
export function gridPoints({ x0, y0, x1, y1 }: ImageBox): ImagePoint[] {
  const [width, height] = [x1 - x0, y1 - y0];
  const cell = Math.max(CLOSEST, Math.max(width, height) / MOST_PER_SIDE);
  const columns = Math.max(1, Math.round(width / cell));
  const rows = Math.max(1, Math.round(height / cell));
  const points: ImagePoint[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x = Math.floor(x0 + ((column + 0.5) * width) / columns);
      const y = Math.floor(y0 + ((row + 0.5) * height) / rows);
      points.push(imagePoint(x, y));
    }
  }
  return spread(points);
}

/** Every point once, each far from the ones before it: steps of about the golden section through the list. */
function spread<T>(items: readonly T[]): T[] {
  const { length } = items;
  let step = Math.max(1, Math.round(length * 0.618));
  while (commonDivisor(step, length) > 1) step += 1;
  return items.map((_, index) => items[(index * step) % length]!);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

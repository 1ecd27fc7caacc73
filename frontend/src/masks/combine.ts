import { sizesEqual } from "../geometry/size";
import { RunWriter, type Rle } from "./rle";

/** Pixels of either mask. Throws `RangeError` when the sizes differ, as all three do. */
export function unionMasks(a: Rle, b: Rle): Rle {
  return combine(a, b, (inA, inB) => inA || inB);
}

/** Pixels of any of the masks, made pairwise so that no run is walked more than log n times; null of none. */
export function uniteMasks(masks: readonly Rle[]): Rle | null {
  let level = [...masks];
  while (level.length > 1) {
    level = level.flatMap((mask, index) => {
      if (index % 2 === 1) return [];
      const next = level[index + 1];
      return next ? [unionMasks(mask, next)] : [mask];
    });
  }
  return level[0] ?? null;
}

/** Pixels of the first mask that are not in the second. */
export function subtractMask(a: Rle, b: Rle): Rle {
  return combine(a, b, (inA, inB) => inA && !inB);
}

/** Pixels of both masks. */
export function intersectMasks(a: Rle, b: Rle): Rle {
  return combine(a, b, (inA, inB) => inA && inB);
}

/** All pixels of the image that are not in the mask. */
export function invertMask(mask: Rle): Rle {
  const writer = new RunWriter();
  mask.counts.forEach((count, index) => writer.push(index % 2 === 0 ? 1 : 0, count));
  return writer.finish(mask.size);
}

export function emptyMask(size: { readonly height: number; readonly width: number }): Rle {
  return { size, counts: Uint32Array.of(size.height * size.width) };
}

export function masksEqual(a: Rle, b: Rle): boolean {
  if (a === b) return true;
  return (
    sizesEqual(a.size, b.size) &&
    a.counts.length === b.counts.length &&
    a.counts.every((count, index) => count === b.counts[index])
  );
}

/** Walks both run lists at once: the cost is the number of runs, whatever the image's size. */
function combine(a: Rle, b: Rle, keeps: (inA: boolean, inB: boolean) => boolean): Rle {
  if (!sizesEqual(a.size, b.size)) {
    throw new RangeError(
      `masks of ${a.size.height} x ${a.size.width} and ${b.size.height} x ${b.size.width} do not combine`,
    );
  }
  const writer = new RunWriter();
  let left = a.size.height * a.size.width;
  let [indexA, indexB] = [0, 0];
  let [restA, restB] = [a.counts[0]!, b.counts[0]!];
  while (left > 0) {
    while (restA === 0) restA = a.counts[++indexA]!;
    while (restB === 0) restB = b.counts[++indexB]!;
    const pixels = Math.min(restA, restB);
    writer.push(keeps(indexA % 2 === 1, indexB % 2 === 1) ? 1 : 0, pixels);
    restA -= pixels;
    restB -= pixels;
    left -= pixels;
  }
  return writer.finish(a.size);
}

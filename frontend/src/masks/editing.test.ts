import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { imagePoint, type ImagePoint } from "../geometry/points";
import type { Size } from "../geometry/size";
import { intersectMasks, invertMask, subtractMask, unionMasks } from "./combine";
import { growMask, shrinkMask } from "./morphology";
import { dropSpecks, fillHoles, keepLargest, splitParts } from "./parts";
import { rleArea, rleDecode, rleEncode, type Rle } from "./rle";
import { polygonMask, rectangleMask, strokeMask } from "./shapes";
import { smoothMask } from "./smooth";

// Thousands of small masks; a busy machine needs its time.
vi.setConfig({ testTimeout: 60_000 });

// Every operation against the plain bitmap: what it says of one pixel, asked of each.

const sizes = fc.record({ height: fc.integer({ min: 1, max: 14 }), width: fc.integer({ min: 1, max: 14 }) });
const bitmapOf = ({ height, width }: Size) =>
  fc.array(fc.constantFrom(0, 1), { minLength: height * width, maxLength: height * width });
const masks = sizes.chain((size) =>
  bitmapOf(size).map((bits) => ({ size, bits, mask: rleEncode(Uint8Array.from(bits), size) })),
);
const pairs = sizes.chain((size) =>
  fc.tuple(bitmapOf(size), bitmapOf(size)).map(([a, b]) => ({
    a,
    b,
    maskA: rleEncode(Uint8Array.from(a), size),
    maskB: rleEncode(Uint8Array.from(b), size),
  })),
);
/** Quarters of a pixel, inside and outside the image. */
const points = fc
  .tuple(fc.integer({ min: -12, max: 68 }), fc.integer({ min: -12, max: 68 }))
  .map(([x, y]) => imagePoint(x / 4, y / 4));

function bitmap(size: Size, isIn: (x: number, y: number) => boolean): number[] {
  return Array.from({ length: size.height * size.width }, (_, i) =>
    isIn(i % size.width, Math.floor(i / size.width)) ? 1 : 0,
  );
}
const pixels = (mask: Rle) => [...rleDecode(mask)];
const at = (bits: readonly number[], size: Size, x: number, y: number): number | undefined =>
  x < 0 || y < 0 || x >= size.width || y >= size.height ? undefined : bits[y * size.width + x];

/** Flood fill: the part number of every pixel of `value`, -1 elsewhere. */
function floodFill(bits: readonly number[], size: Size, value: number, isDiagonal: boolean): number[] {
  const part = bits.map(() => -1);
  let count = 0;
  bits.forEach((bit, seed) => {
    if (bit !== value || part[seed] !== -1) return;
    const waiting = [seed];
    part[seed] = count;
    while (waiting.length > 0) {
      const from = waiting.pop()!;
      const [x, y] = [from % size.width, Math.floor(from / size.width)];
      for (const [dx, dy] of neighbours(isDiagonal)) {
        if (at(bits, size, x + dx, y + dy) !== value) continue;
        const to = (y + dy) * size.width + x + dx;
        if (part[to] !== -1) continue;
        part[to] = count;
        waiting.push(to);
      }
    }
    count += 1;
  });
  return part;
}

function neighbours(isDiagonal: boolean): [number, number][] {
  const straight: [number, number][] = [[0, 1], [0, -1], [1, 0], [-1, 0]]; // prettier-ignore
  const diagonal: [number, number][] = [[1, 1], [1, -1], [-1, 1], [-1, -1]]; // prettier-ignore
  return isDiagonal ? [...straight, ...diagonal] : straight;
}

describe("combining masks", () => {
  it("unites, subtracts, intersects and inverts pixel by pixel", () => {
    fc.assert(
      fc.property(pairs, ({ a, b, maskA, maskB }) => {
        expect(pixels(unionMasks(maskA, maskB))).toEqual(a.map((bit, i) => bit | b[i]!));
        expect(pixels(intersectMasks(maskA, maskB))).toEqual(a.map((bit, i) => bit & b[i]!));
        expect(pixels(subtractMask(maskA, maskB))).toEqual(a.map((bit, i) => bit & ~b[i]!));
        expect(pixels(invertMask(maskA))).toEqual(a.map((bit) => 1 - bit));
      }),
    );
  });

  it("writes the same runs as the bitmap would, and refuses other sizes", () => {
    fc.assert(
      fc.property(pairs, ({ a, b, maskA, maskB }) => {
        const direct = rleEncode(Uint8Array.from(a.map((bit, i) => bit | b[i]!)), maskA.size);
        expect(unionMasks(maskA, maskB)).toEqual(direct);
      }),
    );
    const [one, other] = [
      { height: 1, width: 2 },
      { height: 2, width: 1 },
    ].map((size) => rleEncode(Uint8Array.of(1, 0), size));
    expect(() => unionMasks(one!, other!)).toThrow(RangeError);
  });
});

describe("shapes", () => {
  it("paint the pixels whose centre is near the path", () => {
    const radii = fc.integer({ min: 1, max: 20 }).map((quarters) => quarters / 4);
    fc.assert(
      fc.property(sizes, fc.array(points, { minLength: 1, maxLength: 4 }), radii, (size, path, radius) => {
        const expected = bitmap(size, (x, y) => isNearPath(path, radius, x + 0.5, y + 0.5));
        expect(pixels(strokeMask(path, radius, size))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("paint a line without gaps however thin the brush is", () => {
    const centres = points.map(({ x, y }) => imagePoint(Math.floor(x) + 0.5, Math.floor(y) + 0.5));
    fc.assert(
      fc.property(centres, centres, (a, b) => {
        const roomy = { height: 40, width: 40 };
        const shifted = [a, b].map(({ x, y }) => imagePoint(x + 10, y + 10));
        expect(splitParts(strokeMask(shifted, 0.5, roomy))).toHaveLength(1);
      }),
    );
  });

  it("fill a polygon by the even-odd rule", () => {
    fc.assert(
      fc.property(sizes, fc.array(points, { minLength: 3, maxLength: 7 }), (size, vertices) => {
        const expected = bitmap(size, (x, y) => isInPolygon(vertices, x + 0.5, y + 0.5));
        expect(pixels(polygonMask(vertices, size))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("fill whole pixels of a rectangle", () => {
    const size = { height: 4, width: 5 };
    const expected = bitmap(size, (x, y) => x >= 1 && x < 3 && y >= 2);
    expect(pixels(rectangleMask({ x0: 1, y0: 2, x1: 3, y1: 9 }, size))).toEqual(expected);
    expect(rleArea(rectangleMask({ x0: 7, y0: 0, x1: 9, y1: 4 }, size))).toBe(0);
  });
});

describe("parts", () => {
  it("are what a flood fill finds, diagonal neighbours included", () => {
    fc.assert(
      fc.property(masks, ({ size, bits, mask }) => {
        const part = floodFill(bits, size, 1, true);
        const areas = [...new Set(part)].filter((p) => p >= 0).map((p) => part.filter((q) => q === p).length);
        const split = splitParts(mask);
        expect(split.map(rleArea)).toEqual(areas.sort((a, b) => b - a));
        for (const one of split.map(pixels)) {
          expect(new Set(part.filter((_, i) => one[i] === 1)).size).toBe(1);
        }
        expect(split.reduce<number[]>((sum, one) => sum.map((v, i) => v + pixels(one)[i]!), bits.map(() => 0)))
          .toEqual(bits); // prettier-ignore
        expect(rleArea(keepLargest(mask))).toBe(areas[0] ?? 0);
      }),
    );
  });

  it("smaller than asked for are dropped", () => {
    fc.assert(
      fc.property(masks, fc.integer({ min: 1, max: 9 }), ({ size, bits, mask }, least) => {
        const part = floodFill(bits, size, 1, true);
        const expected = part.map((p) => (p >= 0 && part.filter((q) => q === p).length >= least ? 1 : 0));
        expect(pixels(dropSpecks(mask, least))).toEqual(expected);
      }),
    );
  });

  it("of the background that do not reach the border are holes", () => {
    fc.assert(
      fc.property(masks, ({ size, bits, mask }) => {
        const part = floodFill(bits, size, 0, false);
        const open = new Set(
          part.filter((_, i) => {
            const [x, y] = [i % size.width, Math.floor(i / size.width)];
            return x === 0 || y === 0 || x === size.width - 1 || y === size.height - 1;
          }),
        );
        expect(pixels(fillHoles(mask))).toEqual(part.map((p) => (p >= 0 && open.has(p) ? 0 : 1)));
      }),
    );
  });
});

describe("growing, shrinking and smoothing", () => {
  const reached = [[0, 0], ...neighbours(false)] as [number, number][];

  it("take in, or give up, the pixels that share an edge", () => {
    fc.assert(
      fc.property(masks, ({ size, bits, mask }) => {
        const around = (x: number, y: number) => reached.map(([dx, dy]) => at(bits, size, x + dx, y + dy));
        expect(pixels(growMask(mask))).toEqual(bitmap(size, (x, y) => around(x, y).includes(1)));
        expect(pixels(shrinkMask(mask))).toEqual(bitmap(size, (x, y) => !around(x, y).includes(0)));
      }),
    );
  });

  it("follow the majority of the window", () => {
    fc.assert(
      fc.property(masks, fc.integer({ min: 1, max: 3 }), ({ size, bits, mask }, radius) => {
        const expected = bitmap(size, (x, y) => {
          let balance = 0;
          for (let dx = -radius; dx <= radius; dx++) {
            for (let dy = -radius; dy <= radius; dy++) {
              const bit = at(bits, size, x + dx, y + dy);
              if (bit !== undefined) balance += bit ? 1 : -1;
            }
          }
          return balance > 0 || (balance === 0 && at(bits, size, x, y) === 1);
        });
        expect(pixels(smoothMask(mask, radius))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("smooth a 48-megapixel mask in a moment: what is far from the outline costs nothing", () => {
    const size = { height: 6000, width: 8000 };
    const large = unionMasks(
      strokeMask([imagePoint(4000, 3000)], 2900, size),
      strokeMask([imagePoint(200, 200), imagePoint(7800, 5800)], 90, size),
    );
    const started = performance.now();
    const smoothed = smoothMask(large, 2);
    // With room for a busy machine; pixel by pixel it took 4.9 s.
    expect(performance.now() - started).toBeLessThan(500);
    expect(Math.abs(rleArea(smoothed) - rleArea(large))).toBeLessThan(200);
  });
});

function isNearPath(path: readonly ImagePoint[], radius: number, x: number, y: number): boolean {
  if (path.length === 1) return Math.hypot(x - path[0]!.x, y - path[0]!.y) <= radius;
  return path.slice(1).some((b, index) => {
    const a = path[index]!;
    const length2 = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
    const along = (x - a.x) * (b.x - a.x) + (y - a.y) * (b.y - a.y);
    // Scaled by the squared length, so that quarters of a pixel stay exact.
    if (length2 > 0 && along > 0 && along < length2) {
      const [px, py] = [(x - a.x) * length2 - along * (b.x - a.x), (y - a.y) * length2 - along * (b.y - a.y)];
      return px * px + py * py <= radius * radius * length2 * length2;
    }
    return [a, b].some((end) => (x - end.x) ** 2 + (y - end.y) ** 2 <= radius * radius);
  });
}

/** Counts the edges above the point; an edge through the point counts as above. */
function isInPolygon(vertices: readonly ImagePoint[], x: number, y: number): boolean {
  let above = 0;
  vertices.forEach((a, index) => {
    const b = vertices[(index + 1) % vertices.length]!;
    const [left, right] = a.x < b.x ? [a, b] : [b, a];
    if (left.x > x || right.x <= x) return;
    if ((x - left.x) * (right.y - left.y) <= (y - left.y) * (right.x - left.x)) above += 1;
  });
  return above % 2 === 1;
}

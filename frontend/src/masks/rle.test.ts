import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coverMask, splitOutline, type Coverage } from "./coverage";
import { indexMask, maskContains } from "./columns";
import { rleArea, rleBbox, rleDecode, rleEncode } from "./rle";
import { fromCoco, rleFromString, rleToString, toCoco } from "./rleString";
import cases from "./testdata/rle.json";

const bitmap = fc
  .record({ height: fc.integer({ min: 1, max: 24 }), width: fc.integer({ min: 1, max: 24 }) })
  .chain((size) =>
    fc
      .array(fc.boolean(), { minLength: size.height * size.width, maxLength: size.height * size.width })
      .map((bits) => ({ size, bits: Uint8Array.from(bits, Number) })),
  );

function unpack(base64: string, length: number): Uint8Array {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return Uint8Array.from({ length }, (_, i) => (bytes[i >> 3]! >> (7 - (i & 7))) & 1);
}

describe("run lengths", () => {
  it("equal pycocotools' string, area and box", () => {
    for (const reference of cases) {
      const [height, width] = reference.size as [number, number];
      const rle = rleEncode(unpack(reference.bits, height * width), { height, width });
      expect(rleToString(rle)).toBe(reference.counts);
      expect(rleArea(rle)).toBe(reference.area);
      const box = rleBbox(rle) ?? { x: 0, y: 0, width: 0, height: 0 };
      expect([box.x, box.y, box.width, box.height]).toEqual(reference.bbox);
    }
  });

  it("give any bitmap back, through the compressed string too", () => {
    fc.assert(
      fc.property(bitmap, ({ size, bits }) => {
        const rle = rleEncode(bits, size);
        expect(rleDecode(rle)).toEqual(bits);
        expect(rleDecode(fromCoco(toCoco(rle)))).toEqual(bits);
      }),
    );
  });

  it("survive the string for long runs of any difference", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 60_000_000 }), { minLength: 1, maxLength: 12 }),
        (counts) => {
          const size = { height: 1, width: counts.reduce((sum, count) => sum + count, 0) };
          const rle = { size, counts: Uint32Array.from(counts) };
          expect(rleFromString(rleToString(rle), size).counts).toEqual(rle.counts);
        },
      ),
    );
  });

  it("refuse a string that is cut off, has foreign characters or the wrong total", () => {
    const rle = rleEncode(new Uint8Array(5000), { height: 50, width: 100 });
    const text = rleToString(rle);
    expect(() => rleFromString(text.slice(0, -1), rle.size)).toThrow(RangeError);
    expect(() => rleFromString(text, { height: 50, width: 101 })).toThrow(RangeError);
    expect(() => rleFromString(" ", rle.size)).toThrow(RangeError);
  });
});

describe("an indexed mask", () => {
  it("answers for every pixel what the bitmap says", () => {
    fc.assert(
      fc.property(bitmap, ({ size, bits }) => {
        const mask = indexMask(rleEncode(bits, size));
        for (let y = 0; y < size.height; y++) {
          for (let x = 0; x < size.width; x++) {
            expect(maskContains(mask, x, y)).toBe(bits[y * size.width + x] === 1);
          }
        }
        expect(maskContains(mask, -1, 0)).toBe(false);
        expect(maskContains(mask, 0, size.height)).toBe(false);
      }),
    );
  });
});

function forEachPixel({ left, top, rows }: Coverage, visit: (x: number, y: number) => void): void {
  rows.forEach((row, y) => {
    for (let i = 0; i < row.length; i += 2) {
      for (let x = row[i]!; x < row[i + 1]!; x++) visit(x + left, y + top);
    }
  });
}

describe("coverage of a pixel grid", () => {
  it("is the mask itself at one grid pixel per image pixel, and nearest pixels at other scales", () => {
    fc.assert(
      fc.property(
        bitmap,
        fc.constantFrom(0.5, 1, 2, 3),
        fc.integer({ min: -9, max: 9 }),
        fc.integer({ min: -9, max: 9 }),
        ({ size, bits }, scale, left, top) => {
          const grid = { height: 40, width: 44 };
          const coverage = coverMask(indexMask(rleEncode(bits, size)), { scale, left, top }, grid);
          const [expected, drawn] = [new Uint8Array(40 * 44), new Uint8Array(40 * 44)];
          for (let y = 0; y < grid.height; y++) {
            for (let x = 0; x < grid.width; x++) {
              const column = Math.floor((x + 0.5 - left) / scale);
              const row = Math.floor((y + 0.5 - top) / scale);
              const isOutside = column < 0 || row < 0 || column >= size.width || row >= size.height;
              expected[y * 44 + x] = isOutside ? 0 : bits[row * size.width + column]!;
            }
          }
          if (coverage) forEachPixel(coverage, (x, y) => (drawn[y * 44 + x]! += 1));
          expect(drawn).toEqual(expected);
        },
      ),
    );
  });

  it("knows its outline: what is within so many pixels of the outside along the axes", () => {
    fc.assert(
      fc.property(bitmap, fc.integer({ min: 1, max: 3 }), ({ bits, size }, thickness) => {
        const mask = indexMask(rleEncode(bits, size));
        const coverage = coverMask(mask, { scale: 1, left: 0, top: 0 }, size);
        const isIn = (x: number, y: number) =>
          x >= 0 && y >= 0 && x < size.width && y < size.height && bits[y * size.width + x] === 1;
        const steps = Array.from({ length: thickness }, (_, index) => index + 1);
        const isNear = (x: number, y: number) =>
          steps.some(
            (step) => !isIn(x - step, y) || !isIn(x + step, y) || !isIn(x, y - step) || !isIn(x, y + step),
          );
        let covered = 0;
        if (coverage) {
          const { outline, core } = splitOutline(coverage, thickness);
          for (const part of [outline, core]) {
            forEachPixel(part, (x, y) => {
              covered += 1;
              expect(isIn(x, y)).toBe(true);
              expect(isNear(x, y)).toBe(part === outline);
            });
          }
        }
        expect(covered).toBe(mask.area);
      }),
    );
  });
});

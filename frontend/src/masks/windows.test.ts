import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rleDecode, rleEncode } from "./rle";
import { cutMask, placeMask } from "./windows";

const image = { height: 9, width: 12 };

const windows = fc
  .record({
    x0: fc.integer({ min: 0, max: 11 }),
    y0: fc.integer({ min: 0, max: 8 }),
    width: fc.integer({ min: 1, max: 12 }),
    height: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ x0, y0, width, height }) => ({
    x0,
    y0,
    x1: Math.min(image.width, x0 + width),
    y1: Math.min(image.height, y0 + height),
  }));

describe("masks of a window", () => {
  it("lie in the image where the window does, and come back unchanged", () => {
    fc.assert(
      fc.property(windows, fc.infiniteStream(fc.boolean()), (window, pixels) => {
        const size = { height: window.y1 - window.y0, width: window.x1 - window.x0 };
        const part = Uint8Array.from({ length: size.height * size.width }, () =>
          pixels.next().value ? 1 : 0,
        );
        const mask = rleEncode(part, size);
        const placed = placeMask(mask, window, image);
        const seen = rleDecode(placed);
        for (let y = 0; y < image.height; y++) {
          for (let x = 0; x < image.width; x++) {
            const isInside = x >= window.x0 && x < window.x1 && y >= window.y0 && y < window.y1;
            const expected = isInside ? part[(y - window.y0) * size.width + x - window.x0] : 0;
            expect(seen[y * image.width + x]).toBe(expected);
          }
        }
        expect(cutMask(placed, window)).toEqual(mask);
      }),
    );
  });

  it("lose what lies outside the window", () => {
    const whole = rleEncode(new Uint8Array(image.height * image.width).fill(1), image);
    const window = { x0: 2, y0: 3, x1: 6, y1: 5 };
    expect(rleDecode(cutMask(whole, window))).toEqual(new Uint8Array(8).fill(1));
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { masksEqual } from "./combine";
import { resizeMask, shiftMask } from "./placing";
import { rleDecode, rleEncode } from "./rle";

const size = { height: 7, width: 9 };
const bits = fc.uint8Array({ min: 0, max: 1, minLength: 63, maxLength: 63 });
const side = fc.integer({ min: 1, max: 20 });

describe("a mask on another image", () => {
  it("has the pixels under whose centres the mask lies", () => {
    fc.assert(
      fc.property(bits, side, side, (pixels, height, width) => {
        const resized = rleDecode(resizeMask(rleEncode(pixels, size), { height, width }));
        const expected = Array.from(resized, (_, at) => {
          const y = Math.floor(((Math.floor(at / width) + 0.5) * size.height) / height);
          const x = Math.floor((((at % width) + 0.5) * size.width) / width);
          return pixels[y * size.width + x];
        });
        expect(Array.from(resized)).toEqual(expected);
      }),
    );
  });

  it("is the same on an image of the same size", () => {
    fc.assert(
      fc.property(bits, (pixels) => {
        const mask = rleEncode(pixels, size);
        expect(masksEqual(resizeMask(mask, size), mask)).toBe(true);
      }),
    );
  });
});

describe("a mask moved by whole pixels", () => {
  it("loses what leaves the image and keeps the rest", () => {
    const by = fc.integer({ min: -10, max: 10 });
    fc.assert(
      fc.property(bits, by, by, (pixels, right, down) => {
        const moved = rleDecode(shiftMask(rleEncode(pixels, size), right, down));
        const expected = Array.from(moved, (_, at) => {
          const [y, x] = [Math.floor(at / size.width) - down, (at % size.width) - right];
          const isInside = y >= 0 && x >= 0 && y < size.height && x < size.width;
          return isInside ? pixels[y * size.width + x] : 0;
        });
        expect(Array.from(moved)).toEqual(expected);
      }),
    );
  });
});

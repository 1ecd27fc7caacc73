import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { indexMask } from "./columns";
import { maskIou, overlapsMore, shareInside } from "./overlap";
import { rleEncode } from "./rle";
import { rectangleMask } from "./shapes";

const size = { height: 6, width: 8 };
const bits = fc.uint8Array({ min: 0, max: 1, minLength: 48, maxLength: 48 });
const limits = fc.constantFrom(0.1, 0.5, 0.7, 0.95);

describe("how much masks overlap", () => {
  it("is intersection over union, counted pixel by pixel", () => {
    fc.assert(
      fc.property(bits, bits, limits, (a, b, limit) => {
        const [first, second] = [indexMask(rleEncode(a, size)), indexMask(rleEncode(b, size))];
        const shared = a.filter((bit, at) => bit & b[at]!).length;
        const either = a.filter((bit, at) => bit | b[at]!).length;
        const expected = either === 0 ? 0 : shared / either;
        expect(maskIou(first, second)).toBeCloseTo(expected, 12);
        expect(overlapsMore(first, second, limit)).toBe(expected > limit);
      }),
    );
  });

  it("is the share inside a box", () => {
    const mask = indexMask(rectangleMask({ x0: 0, y0: 0, x1: 4, y1: 4 }, size));
    expect(shareInside(mask, { x0: 2, y0: 0, x1: 8, y1: 6 })).toBe(0.5);
    expect(shareInside(indexMask(rleEncode(new Uint8Array(48), size)), { x0: 0, y0: 0, x1: 8, y1: 6 })).toBe(
      0,
    );
  });
});

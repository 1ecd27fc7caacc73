import { describe, expect, it } from "vitest";
import { indexMask } from "../masks/columns";
import { rleEncode } from "../masks/rle";
import { devicePlacement, paintMasks, type MaskStyle } from "./paint";
import { ArrayContext, asContext } from "./testContext";

const style: MaskStyle = { color: [10, 20, 30], fill: 100, outline: 255, thickness: 1 };
const square = indexMask(
  rleEncode(
    Uint8Array.from({ length: 25 }, (_, i) => (i % 5 > 0 && i >= 5 ? 1 : 0)),
    { height: 5, width: 5 },
  ),
);

function painted(
  canvas: { width: number; height: number },
  ...args: [Parameters<typeof paintMasks>[1], Parameters<typeof paintMasks>[2]]
) {
  const context = new ArrayContext(canvas);
  paintMasks(asContext(context), ...args);
  return context;
}

describe("painting masks", () => {
  it("colours exactly the mask's pixels at one device pixel each, the outline stronger", () => {
    const context = painted({ width: 7, height: 6 }, [{ mask: square, style }], {
      scale: 1,
      left: 1,
      top: 0,
    });
    const opacity = context.opacity();
    for (let y = 0; y < 6; y++) {
      for (let x = 0; x < 7; x++) {
        const isInside = x >= 2 && x < 6 && y >= 1 && y < 5;
        const isInner = x >= 3 && x < 5 && y >= 2 && y < 4;
        expect(opacity[y * 7 + x]).toBe(isInner ? 100 : isInside ? 255 : 0);
      }
    }
  });

  it("mixes overlapping masks by opacity", () => {
    const over: MaskStyle = { color: [255, 255, 255], fill: 128, outline: 128, thickness: 1 };
    const context = painted(
      { width: 5, height: 5 },
      [
        { mask: square, style },
        { mask: square, style: over },
      ],
      { scale: 1, left: 0, top: 0 },
    );
    const edge = 4 * (1 * 5 + 1);
    expect(context.pixels[edge + 3]).toBe(255);
    expect(context.pixels[edge]).toBeCloseTo((255 * 128 + 10 * 127) / 255, -1);
  });

  it("draws nothing for a mask that is off the canvas", () => {
    const context = painted({ width: 5, height: 5 }, [{ mask: square, style }], {
      scale: 1,
      left: 50,
      top: 0,
    });
    expect(context.opacity().every((value) => value === 0)).toBe(true);
  });

  it("counts in device pixels", () => {
    expect(devicePlacement({ scale: 0.5, left: 10.26, top: 3 }, 2)).toEqual({ scale: 1, left: 21, top: 6 });
  });
});

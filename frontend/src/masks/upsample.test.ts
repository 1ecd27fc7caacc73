import { describe, expect, it } from "vitest";
import { modelFrame } from "../geometry/frames";
import { rleArea } from "./rle";
import { rleToString } from "./rleString";
import cases from "./testdata/upsample.json";
import { upsampleToRle } from "./upsample";

function floats(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).buffer);
}

describe("upsampling", () => {
  it.each(cases.map((reference) => [reference.original.join(" x "), reference] as const))(
    "equals torch's two bilinear steps pixel for pixel at %s",
    (_, reference) => {
      const [low, lowWidth] = reference.low_res as [number, number];
      const [height, width] = reference.original as [number, number];
      const rle = upsampleToRle(
        floats(reference.logits),
        { height: low, width: lowWidth },
        modelFrame({ height, width }, reference.side),
        0,
      );
      expect(rleToString(rle)).toBe(reference.mask.counts);
      expect(rleArea(rle)).toBe(reference.mask.area);
    },
  );

  it("makes a 48-megapixel mask without an image-sized array, in well under a second", () => {
    const low = { height: 256, width: 256 };
    const logits = Float32Array.from(
      { length: 256 * 256 },
      (_, i) => 60 - Math.hypot((i >> 8) - 90, (i & 255) - 120),
    );
    const started = performance.now();
    const rle = upsampleToRle(logits, low, modelFrame({ height: 6000, width: 8000 }, 1024), 0);
    expect(performance.now() - started).toBeLessThan(1500);
    // A disc of radius 60 low-resolution pixels, each 8000 / 256 pixels wide.
    expect(rleArea(rle) / (Math.PI * (60 * 31.25) ** 2)).toBeCloseTo(1, 2);
    expect(rle.counts.length).toBeLessThan(2 * 8000);
  });

  it("gives an empty mask for logits at the threshold", () => {
    const rle = upsampleToRle(
      new Float32Array(16),
      { height: 4, width: 4 },
      modelFrame({ height: 9, width: 5 }, 8),
      0,
    );
    expect(Array.from(rle.counts)).toEqual([45]);
  });

  it("refuses logits that are not of the stated size", () => {
    const frame = modelFrame({ height: 9, width: 5 }, 8);
    expect(() => upsampleToRle(new Float32Array(15), { height: 4, width: 4 }, frame, 0)).toThrow(RangeError);
  });
});

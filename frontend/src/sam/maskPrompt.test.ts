import { describe, expect, it } from "vitest";
import { modelFrame } from "../geometry/frames";
import { rleEncode } from "../masks/rle";
import { rectangleMask } from "../masks/shapes";
import { upsampleToRle } from "../masks/upsample";
import { intersectMasks, unionMasks } from "../masks/combine";
import { rleArea } from "../masks/rle";
import { maskPromptLogits } from "./maskPrompt";

describe("a mask as a mask prompt", () => {
  it("covers the cells it fills by half, and never the padding", () => {
    // 4 x 8 pixels become 8 x 16 of the 16 x 16 input: a cell of the 4 x 4 map is 2 x 2 original pixels.
    const size = { height: 4, width: 8 };
    const mask = rleEncode(
      Uint8Array.from([
        1, 1, 1, 0, 0, 0, 0, 0, //
        1, 1, 1, 0, 0, 0, 0, 0, //
        0, 0, 0, 0, 1, 0, 0, 0, //
        0, 0, 0, 0, 0, 0, 0, 1, //
      ]), // prettier-ignore
      size,
    );
    const logits = maskPromptLogits(mask, { height: 4, width: 4 }, modelFrame(size, 16), 0.5);
    expect([...logits].map((value) => (value === 10.5 ? 1 : value === -9.5 ? 0 : NaN))).toEqual([
      1, 1, 0, 0, //
      0, 0, 0, 0, //
      0, 0, 0, 0, //
      0, 0, 0, 0, //
    ]); // prettier-ignore
  });

  it("comes back as nearly the same mask when it is upsampled like a decoder's", () => {
    const size = { height: 301, width: 450 };
    const frame = modelFrame(size, 512);
    const lowRes = { height: 128, width: 128 };
    const mask = rectangleMask({ x0: 50, y0: 101, x1: 333, y1: 301 }, size);
    const back = upsampleToRle(maskPromptLogits(mask, lowRes, frame, 0), lowRes, frame, 0);
    const iou = rleArea(intersectMasks(mask, back)) / rleArea(unionMasks(mask, back));
    expect(iou).toBeGreaterThan(0.98);
  });
});

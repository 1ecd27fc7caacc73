import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modelFrame } from "../geometry/frames";
import { imagePoint } from "../geometry/points";
import { candidateOrder, readCandidates } from "./candidates";
import { ABSENT, fillSlots, maskTensors, promptFeed, promptTensors, slotBucket } from "./feeds";
import { decodeFloat16 } from "./float16";
import { readManifest, type Manifest } from "./manifest";
import { BACKGROUND, FOREGROUND, promptCount, promptRecord, type Prompts } from "./prompts";

const MANIFEST_JSON = {
  format: 2,
  name: "tiny",
  version: "0123456789ab",
  image_size: 64,
  embedding_shape: [1, 2, 4, 4],
  embedding_dtype: "float16",
  low_res_size: [4, 4],
  mask_threshold: 0,
  stability_offset: 1,
  graphs: { prepare: { sha256: "p" }, click: { sha256: "c" } },
};
const manifest: Manifest = readManifest(MANIFEST_JSON);
const frame = modelFrame({ height: 32, width: 128 }, 64);
const click: Prompts = { points: [{ point: imagePoint(10, 20), label: FOREGROUND }], box: null };

describe("prompt feeds", () => {
  it("scale clicks to the model's frame and append the padding point when there is no box", () => {
    const prompts = { ...click, points: [...click.points, { point: imagePoint(0, 4), label: BACKGROUND }] };
    const feed = promptFeed(prompts as Prompts, frame);
    expect(Array.from(feed.pointCoords)).toEqual([5, 10, 0, 2, 0, 0]);
    expect(Array.from(feed.pointLabels)).toEqual([1, 0, -1]);
  });

  it("append a box as two corners and then no padding", () => {
    const feed = promptFeed({ ...click, box: { x0: 2, y0: 4, x1: 128, y1: 32 } }, frame);
    expect(Array.from(feed.pointCoords)).toEqual([5, 10, 1, 2, 64, 16]);
    expect(Array.from(feed.pointLabels)).toEqual([1, 2, 3]);
  });

  it("fill the smallest bucket with empty slots, and leave more points than any holds as they are", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 15, 16].map(slotBucket)).toEqual([2, 2, 3, 5, 5, 7, 7, 15, 15, null]);
    const filled = fillSlots(promptFeed(click, frame), 5);
    expect(Array.from(filled.pointLabels)).toEqual([1, -1, ABSENT, ABSENT, ABSENT]);
    expect(Array.from(filled.pointCoords)).toEqual([5, 10, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(promptTensors(filled).point_coords.dims).toEqual([1, 5, 2]);
    expect(promptTensors(filled).point_labels.dims).toEqual([1, 5]);
    expect(() => fillSlots(filled, 4)).toThrow(RangeError);
  });

  it("carry zeros and a zero flag without previous logits, and the logits with them", () => {
    const without = maskTensors(null, manifest);
    expect(without.mask_input.dims).toEqual([1, 1, 4, 4]);
    expect(Array.from(without.mask_input.data)).toEqual(new Array(16).fill(0));
    expect(Array.from(without.has_mask_input.data)).toEqual([0]);
    const previous = new Float32Array(16).fill(3);
    const with_ = maskTensors(previous, manifest);
    expect(with_.mask_input.data).toBe(previous);
    expect(Array.from(with_.has_mask_input.data)).toEqual([1]);
    expect(() => maskTensors(new Float32Array(15), manifest)).toThrow(RangeError);
  });
});

describe("candidates", () => {
  it("are the three ambiguous masks by predicted IoU for one prompt, the single mask first for more", () => {
    const iou = Float32Array.of(0.99, 0.2, 0.9, 0.5);
    expect(candidateOrder(iou, 1)).toEqual([2, 3, 1]);
    expect(candidateOrder(iou, 2)).toEqual([0, 2, 3, 1]);
  });

  it("take their own logits and a stability that ignores the padding", () => {
    const lowResMasks = new Float32Array(4 * 16).fill(-5);
    // Mask 2: in the image rows (32 of 128 px: one row of four) two sure pixels and one unsure one.
    lowResMasks.set([5, 5, 0.5, -5], 2 * 16);
    // Padding rows would change the score if they counted.
    lowResMasks.fill(9, 2 * 16 + 8, 3 * 16);
    const found = readCandidates(
      { iouPredictions: Float32Array.of(0, 0, 1, 0), lowResMasks },
      1,
      manifest,
      frame,
    );
    expect(found.map((item) => item.candidate)).toEqual([2, 1, 3]);
    expect(found[0]!.lowRes[0]).toBe(5);
    expect(found[0]!.stabilityScore).toBeCloseTo(2 / 3, 9);
    expect(found[1]!.stabilityScore).toBe(0);
    const iouPredictions = Float32Array.of(0, 0, 1, 0);
    expect(readCandidates({ iouPredictions, lowResMasks }, 1, manifest, frame, 1)).toEqual([found[0]]);
  });
});

describe("prompts", () => {
  it("count a box as one and are stored in image pixels", () => {
    const prompts: Prompts = { ...click, box: { x0: 1, y0: 2, x1: 3, y1: 4 } };
    expect(promptCount(prompts)).toBe(2);
    expect(promptRecord(prompts, 3)).toEqual({ points: [[10, 20, 1]], box: [1, 2, 3, 4], candidate: 3 });
  });
});

describe("the manifest", () => {
  it("is refused by the field that does not fit", () => {
    expect(() => readManifest({ ...MANIFEST_JSON, image_size: "64" })).toThrow(/image_size/);
    expect(() => readManifest({ ...MANIFEST_JSON, format: 3 })).toThrow(/format 3/);
    expect(() => readManifest({ ...MANIFEST_JSON, format: 1 })).toThrow(/exported and registered again/);
    expect(() => readManifest({ ...MANIFEST_JSON, graphs: { click: { sha256: "c" } } })).toThrow(/sha256/);
    expect(() => readManifest({ ...MANIFEST_JSON, embedding_dtype: "int8" })).toThrow(/int8/);
    expect(() => readManifest(null)).toThrow(TypeError);
  });
});

describe("half floats", () => {
  it("decode to known values", () => {
    const halves = Uint16Array.of(0x0000, 0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00, 0x3555);
    const values = decodeFloat16(halves.buffer);
    expect(Array.from(values)).toEqual([0, 1, -2, 65504, Math.fround(2 ** -24), Infinity, 0.333251953125]);
  });

  it("are monotone over the positive range", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7bfe }), (half) => {
        const [a, b] = decodeFloat16(Uint16Array.of(half, half + 1).buffer);
        expect(b!).toBeGreaterThan(a!);
      }),
    );
  });
});

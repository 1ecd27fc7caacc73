import { describe, expect, it } from "vitest";
import { imagePoint } from "../geometry/points";
import { rleArea } from "../masks/rle";
import type { PromptFeed } from "../sam/feeds";
import { DecoderEngine } from "./engine";
import type { DecodeRequest } from "./protocol";
import type { Decoder, PreparedImage } from "./runtime";
import { manifest } from "./testManifest";

const graphs = { prepare: new ArrayBuffer(1), click: new ArrayBuffer(1) };
const size = { height: 32, width: 64 };
const click: DecodeRequest = {
  image: "a",
  prompts: { points: [{ point: imagePoint(8, 8), label: 1 }], box: null },
  previousLowRes: null,
  wanted: "all",
};

/** Mask n is positive everywhere when n is 2 and nowhere otherwise; remembers what it was given and gave back. */
class FakeDecoder implements Decoder {
  readonly embeddings: Float32Array[] = [];
  readonly clicks: { image: PreparedImage; feed: PromptFeed; previousLowRes: Float32Array | null }[] = [];
  disposed = 0;
  /** Milliseconds: 50 until a call has its turn, then 9 for an image and 7 for a click. */
  clock = 0;

  prepare(embedding: Float32Array, onTurn?: () => void): Promise<PreparedImage> {
    this.embeddings.push(embedding);
    this.takeTurn(9, onTurn);
    return Promise.resolve({ bytes: 100, dispose: () => void (this.disposed += 1) });
  }

  click(image: PreparedImage, feed: PromptFeed, previousLowRes: Float32Array | null, onTurn?: () => void) {
    this.clicks.push({ image, feed, previousLowRes });
    this.takeTurn(7, onTurn);
    const lowResMasks = new Float32Array(64).fill(-4);
    lowResMasks.fill(4, 32, 48);
    return Promise.resolve({ iouPredictions: Float32Array.of(0.1, 0.2, 0.9, 0.4), lowResMasks });
  }

  private takeTurn(milliseconds: number, onTurn?: () => void): void {
    this.clock += 50;
    onTurn?.();
    this.clock += milliseconds;
  }
}

function engineWithFakeDecoder(): { engine: DecoderEngine; decoder: FakeDecoder } {
  const decoder = new FakeDecoder();
  const backend = { kind: "local", runtime: () => Promise.resolve(decoder) } as const;
  // Room for four prepared images.
  return { engine: new DecoderEngine("wasm", backend, () => decoder.clock, 400), decoder };
}

const embedding = () => Uint16Array.of(0x3c00, 0xc000, 0, 0).buffer;
const opened = (key: string) => ({ key, model: "tiny@1", size, window: null, embedding: embedding() });

describe("the decoder engine", () => {
  it("decodes a click to masks of the original size, best first, from the float16 embedding", async () => {
    const { engine, decoder } = engineWithFakeDecoder();
    await engine.load({ manifest, graphs });
    await engine.open(opened("a"));
    const answer = await engine.decode(click);
    expect(answer.masks.map((mask) => mask.candidate)).toEqual([2, 3, 1]);
    expect(answer.masks.map((mask) => rleArea(mask.rle))).toEqual([64 * 32, 0, 0]);
    await engine.decode(click);
    expect(decoder.embeddings.map((values) => Array.from(values))).toEqual([[1, -2, 0, 0]]);
    expect(decoder.clicks).toHaveLength(2);
    expect(Array.from(decoder.clicks[0]!.feed.pointLabels)).toEqual([1, -1]);
  });

  it("decodes in a window with the image's prompts, to masks of the whole image", async () => {
    const { engine, decoder } = engineWithFakeDecoder();
    await engine.load({ manifest, graphs });
    const window = { x0: 4, y0: 6, x1: 20, y1: 22 };
    await engine.open({ ...opened("a"), window });
    const answer = await engine.decode(click);
    expect(answer.masks.map((mask) => rleArea(mask.rle))).toEqual([16 * 16, 0, 0]);
    expect(answer.masks[0]!.rle.size).toEqual(size);
    const scale = manifest.imageSize / 16;
    expect(Array.from(decoder.clicks[0]!.feed.pointCoords.subarray(0, 2))).toEqual([4 * scale, 2 * scale]);
  });

  it("upsamples only the best mask for a hover, and passes logits on", async () => {
    const { engine, decoder } = engineWithFakeDecoder();
    await engine.load({ manifest, graphs });
    await engine.open(opened("a"));
    const previousLowRes = new Float32Array(16).fill(7);
    const answer = await engine.decode({ ...click, wanted: "best", previousLowRes });
    expect(answer.masks).toHaveLength(1);
    expect(decoder.clicks[0]!.previousLowRes).toBe(previousLowRes);
  });

  it("brings only masks that are good enough to the original size when it searches", async () => {
    const { engine } = engineWithFakeDecoder();
    await engine.load({ manifest, graphs });
    await engine.open(opened("a"));
    const found = async (predictedIou: number, stabilityScore: number) => {
      const { masks } = await engine.decode({ ...click, wanted: { predictedIou, stabilityScore } });
      return masks.map((mask) => mask.candidate);
    };
    expect(await found(0.3, 0)).toEqual([2, 3]);
    expect(await found(0.3, 0.5)).toEqual([2]);
    expect(await found(0.95, 0)).toEqual([]);
  });

  it("says which code is wrong: image not open, embedding of the wrong length, model not loaded", async () => {
    const { engine } = engineWithFakeDecoder();
    await expect(engine.open(opened("a"))).rejects.toMatchObject({ code: "model.not_loaded" });
    await engine.load({ manifest, graphs });
    await expect(engine.decode(click)).rejects.toMatchObject({ code: "image.not_open" });
    await expect(engine.open({ ...opened("a"), embedding: new ArrayBuffer(6) })).rejects.toMatchObject({
      code: "embedding.bad_length",
    });
    await expect(engine.open({ ...opened("a"), embedding: null })).rejects.toMatchObject({
      code: "embedding.missing",
    });
    await engine.open(opened("a"));
    await expect(engine.decode({ ...click, model: "tiny@2" })).rejects.toMatchObject({
      code: "image.not_open",
    });
    expect((await engine.decode({ ...click, model: "tiny@1" })).model).toBe("tiny@1");
  });

  describe("reading what was decoded elsewhere", () => {
    const output = () => {
      const lowResMasks = new Float32Array(64).fill(-4);
      lowResMasks.fill(4, 16, 32);
      return { iouPredictions: Float32Array.of(0.1, 0.8, 0.2, 0.4), lowResMasks };
    };
    const question = () => ({ image: "a", model: "tiny@1", output: output(), prompts: 1 });

    it("gives masks of the original size with their logits, and decodes nothing", async () => {
      const { engine, decoder } = engineWithFakeDecoder();
      await engine.load({ manifest, graphs });
      await engine.open(opened("a"));
      const { masks, model } = engine.read(question());
      expect(model).toBe("tiny@1");
      expect(masks.map(({ candidate }) => candidate)).toEqual([1, 3, 2]);
      expect(masks.map(({ rle }) => rleArea(rle))).toEqual([64 * 32, 0, 0]);
      expect(masks[0]!.rle.size).toEqual(size);
      expect(masks[0]!.lowRes).toEqual(new Float32Array(16).fill(4));
      expect(decoder.clicks).toHaveLength(0);
    });

    it("says what is wrong: not open, open for another model, of another size", async () => {
      const { engine } = engineWithFakeDecoder();
      await engine.load({ manifest, graphs });
      expect(() => engine.read(question())).toThrow(expect.objectContaining({ code: "image.not_open" }));
      await engine.open(opened("a"));
      expect(() => engine.read({ ...question(), model: "tiny@2" })).toThrow(
        expect.objectContaining({ code: "image.not_open" }),
      );
      const other = { ...output(), lowResMasks: new Float32Array(60) };
      expect(() => engine.read({ ...question(), output: other })).toThrow(
        expect.objectContaining({ code: "decoder.bad_length" }),
      );
    });
  });

  it("keeps the images used last within the budget and gives the others' memory back", async () => {
    const { engine, decoder } = engineWithFakeDecoder();
    await engine.load({ manifest, graphs });
    for (const key of ["a", "b", "c", "d"]) await engine.open(opened(key));
    await engine.decode(click);
    await engine.open(opened("e"));
    expect(decoder.disposed).toBe(1);
    await expect(engine.decode({ ...click, image: "b" })).rejects.toMatchObject({ code: "image.not_open" });
    expect((await engine.decode(click)).masks).toHaveLength(3);
  });

  it("checks with one prepared image, timed apart from the clicks", async () => {
    const { engine, decoder } = engineWithFakeDecoder();
    await engine.load({ manifest, graphs });
    const check = await engine.check("tiny@1", 3);
    expect(check.output.lowResMasks).toHaveLength(64);
    expect(decoder.clicks).toHaveLength(4);
    expect(new Set(decoder.clicks.map(({ image }) => image)).size).toBe(1);
    expect(decoder.disposed).toBe(decoder.embeddings.length);
  });

  it("times what a decode takes, not what it waits for others", async () => {
    const { engine } = engineWithFakeDecoder();
    await engine.load({ manifest, graphs });
    expect(await engine.check("tiny@1", 3)).toMatchObject({ medianMs: 7, prepareMs: 9 });
  });

  it("asks the server on the last rung, without an embedding", async () => {
    const asked: unknown[] = [];
    const engine = new DecoderEngine("server", {
      kind: "server",
      decode: (request) => {
        asked.push(request);
        return Promise.resolve({
          iouPredictions: new Float32Array(4),
          lowResMasks: new Float32Array(64).fill(1),
        });
      },
    });
    await engine.load({ manifest, graphs: null });
    await engine.open({ ...opened("a"), embedding: null });
    const answer = await engine.decode(click);
    expect(rleArea(answer.masks[0]!.rle)).toBe(64 * 32);
    expect(asked).toEqual([
      {
        image: "a",
        model: "tiny@1",
        window: null,
        pointCoords: Float32Array.of(8, 8, 0, 0),
        pointLabels: Float32Array.of(1, -1),
        maskInput: null,
      },
    ]);
  });
});

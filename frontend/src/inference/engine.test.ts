import { describe, expect, it } from "vitest";
import { imagePoint } from "../geometry/points";
import { rleArea } from "../masks/rle";
import type { DecoderFeeds } from "../sam/feeds";
import type { Manifest } from "../sam/manifest";
import { DecoderEngine } from "./engine";
import type { DecodeRequest } from "./protocol";

const manifest: Manifest = {
  name: "tiny",
  version: "1",
  imageSize: 64,
  embeddingShape: [1, 1, 2, 2],
  lowResSize: { height: 4, width: 4 },
  maskThreshold: 0,
  stabilityOffset: 1,
};
const size = { height: 32, width: 64 };
const click: DecodeRequest = {
  image: "a",
  prompts: { points: [{ point: imagePoint(8, 8), label: 1 }], box: null },
  previousLowRes: null,
  wanted: "all",
};

/** A decoder whose mask n is positive everywhere when n is 2 and nowhere otherwise; it remembers its feeds. */
function engineWithFakeSession(): { engine: DecoderEngine; seen: DecoderFeeds[] } {
  const seen: DecoderFeeds[] = [];
  const engine = new DecoderEngine(
    "wasm",
    {
      kind: "local",
      runtime: () =>
        Promise.resolve((feeds: DecoderFeeds) => {
          seen.push(feeds);
          const lowResMasks = new Float32Array(64).fill(-4);
          lowResMasks.fill(4, 32, 48);
          return Promise.resolve({ iouPredictions: Float32Array.of(0.1, 0.2, 0.9, 0.4), lowResMasks });
        }),
    },
    () => 0,
  );
  return { engine, seen };
}

const embedding = () => Uint16Array.of(0x3c00, 0xc000, 0, 0).buffer;
const opened = (key: string) => ({ key, model: "tiny@1", size, embedding: embedding() });

describe("the decoder engine", () => {
  it("decodes a click to masks of the original size, best first, from the float16 embedding", async () => {
    const { engine, seen } = engineWithFakeSession();
    await engine.load({ manifest, decoder: new ArrayBuffer(1) });
    engine.open(opened("a"));
    const answer = await engine.decode(click);
    expect(answer.masks.map((mask) => mask.candidate)).toEqual([2, 3, 1]);
    expect(answer.masks.map((mask) => rleArea(mask.rle))).toEqual([64 * 32, 0, 0]);
    expect(Array.from(seen[0]!.image_embeddings.data)).toEqual([1, -2, 0, 0]);
  });

  it("upsamples only the best mask for a hover, and passes logits on", async () => {
    const { engine, seen } = engineWithFakeSession();
    await engine.load({ manifest, decoder: new ArrayBuffer(1) });
    engine.open(opened("a"));
    const previousLowRes = new Float32Array(16).fill(7);
    const answer = await engine.decode({ ...click, wanted: "best", previousLowRes });
    expect(answer.masks).toHaveLength(1);
    expect(seen[0]!.mask_input.data[0]).toBe(7);
    expect(seen[0]!.has_mask_input.data[0]).toBe(1);
  });

  it("says which code is wrong: image not open, embedding of the wrong length, model not loaded", async () => {
    const { engine } = engineWithFakeSession();
    expect(() => engine.open(opened("a"))).toThrow(expect.objectContaining({ code: "model.not_loaded" }));
    await engine.load({ manifest, decoder: new ArrayBuffer(1) });
    await expect(engine.decode(click)).rejects.toMatchObject({ code: "image.not_open" });
    expect(() => engine.open({ ...opened("a"), embedding: new ArrayBuffer(6) })).toThrow(
      expect.objectContaining({ code: "embedding.bad_length" }),
    );
  });

  it("keeps the four images used last", async () => {
    const { engine } = engineWithFakeSession();
    await engine.load({ manifest, decoder: new ArrayBuffer(1) });
    for (const key of ["a", "b", "c", "d"]) engine.open(opened(key));
    await engine.decode(click);
    engine.open(opened("e"));
    await expect(engine.decode({ ...click, image: "b" })).rejects.toMatchObject({ code: "image.not_open" });
    expect((await engine.decode(click)).masks).toHaveLength(3);
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
    await engine.load({ manifest, decoder: null });
    engine.open({ ...opened("a"), embedding: null });
    const answer = await engine.decode(click);
    expect(rleArea(answer.masks[0]!.rle)).toBe(64 * 32);
    expect(asked).toEqual([
      {
        image: "a",
        pointCoords: Float32Array.of(8, 8, 0, 0),
        pointLabels: Float32Array.of(1, -1),
        maskInput: null,
      },
    ]);
  });
});

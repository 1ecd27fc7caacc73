import { describe, expect, it } from "vitest";
import type { ImageDetail } from "../../api/types";
import { bridgeOf, click, FULL } from "../../inference/testWorkers";
import { manifest } from "../../inference/testManifest";
import type { Services } from "../services";
import { embeddingKey, openImage } from "./useDecoder";
import { isOtherModel, workedWith } from "./useWorkedImage";

function imageOf(version: string, state = "ready"): ImageDetail {
  return {
    ...{ id: 7, height: 8, width: 8, embedding_url: `/embedding?v=${version}` },
    embedding: { state, model: { name: "tiny", version } },
  } as ImageDetail;
}

describe("an image whose project gets another model", () => {
  const [before, after] = [imageOf("1"), imageOf("2")];

  it("is worked with as before until the other model may be taken", () => {
    const told = { ...after, mask_count: 3 };
    expect(isOtherModel(before, told)).toBe(true);
    expect(workedWith(before, told, false)).toEqual({ ...before, mask_count: 3 });
    expect(workedWith(before, told, true)).toBe(told);
  });

  it("is worked with as before while the other model's embedding is not finished", () => {
    const running = imageOf("2", "running");
    expect(workedWith(before, running, true)).toEqual(before);
  });

  it("is opened anew though the other model's embedding has the same bytes, and so the same address", () => {
    const sameBytes = { ...after, embedding_url: before.embedding_url };
    expect(embeddingKey(sameBytes)).not.toBe(embeddingKey(before));
  });

  it("takes whatever model it gets first", () => {
    for (const state of ["queued", "running", "failed"]) {
      expect(workedWith(imageOf("1", state), after, false)).toBe(after);
    }
    const same = { ...before, mask_count: 1 };
    expect(workedWith(before, same, false)).toBe(same);
  });
});

describe("the decoder of an open image", () => {
  it("answers with the other model once the image is opened with it, and with the one of before after that", async () => {
    const { bridge, workers } = bridgeOf({ capabilities: { ...FULL, hasWasm: false } });
    for (const version of ["1", "2"]) {
      await bridge.load({ manifest: { ...manifest, version }, graphs: null });
    }
    const services = { bridge, embeddings: null as unknown as Services["embeddings"] };
    const open = (version: string) => openImage(services, imageOf(version), new AbortController().signal);
    const answering = async () => (await bridge.decode({ ...click, image: "7" })).model;
    await open("1");
    expect(await answering()).toBe("tiny@1");
    await open("2");
    expect(await answering()).toBe("tiny@2");
    expect([bridge.isOpen("7", "tiny@1"), bridge.isOpen("7", "tiny@2")]).toEqual([false, true]);
    await open("1");
    expect(await answering()).toBe("tiny@1");
    expect(workers.filter(({ isAlive }) => isAlive)).toHaveLength(1);
  });

  it("answers with the other model though a worker that took over was given the image with the one of before", async () => {
    const { bridge, workers } = bridgeOf({ capabilities: { ...FULL, hasWasm: false } });
    for (const version of ["1", "2"]) {
      await bridge.load({ manifest: { ...manifest, version }, graphs: null });
    }
    const services = { bridge, embeddings: null as unknown as Services["embeddings"] };
    await openImage(services, imageOf("2"), new AbortController().signal);
    const outdated = {
      key: "7",
      model: "tiny@1",
      size: { height: 8, width: 8 },
      window: null,
      embedding: null,
    };
    for (const worker of workers.filter(({ isAlive }) => isAlive)) {
      worker.postMessage({ type: "question", id: 0, name: "open", question: outdated });
    }
    expect((await bridge.decode({ ...click, image: "7" })).model).toBe("tiny@2");
  });
});

import { describe, expect, it } from "vitest";
import { relativeDifference } from "./ladder";
import { judgeRungs, threadCounts, type Capabilities } from "./rungs";
import { bridgeOf, click, files, FULL, image, rungOf, settled, withGpu, type Behaviour } from "./testWorkers";

describe("the rungs", () => {
  const available = (capabilities: Capabilities) =>
    judgeRungs(capabilities)
      .filter((verdict) => verdict.isAvailable)
      .map((verdict) => verdict.rung);

  it("are judged by what the browser offers, and the server is always there", () => {
    expect(available(FULL)).toEqual(["wasm-threads", "wasm", "server"]);
    expect(available(withGpu)[0]).toBe("webgpu");
    expect(available({ ...FULL, gpu: { name: "SwiftShader", isSoftware: true } })[0]).toBe("wasm-threads");
    expect(available({ ...FULL, isCrossOriginIsolated: false })).toEqual(["wasm", "server"]);
    expect(available({ ...FULL, hasSimd: false })).toEqual(["server"]);
    expect(available({ ...FULL, hasWasm: false })).toEqual(["server"]);
  });

  it("try two threads and as many as there are cores, up to four", () => {
    expect([2, 3, 4, 64].map(threadCounts)).toEqual([[2], [2, 3], [2, 4], [2, 4]]);
  });
});

describe("the bridge", () => {
  it("stands on one thread at once and answers clicks", async () => {
    const { bridge } = bridgeOf({});
    await bridge.load(files);
    expect(rungOf(bridge)).toBe("wasm");
    await bridge.open(image);
    expect((await bridge.decode(click)).rung).toBe("wasm");
  });

  it("takes the number of threads that proves fastest, and the open images along", async () => {
    const { bridge, workers } = bridgeOf({
      checks: {
        "wasm-threads 2": { medianMs: 6, scale: 1 },
        "wasm-threads 4": { medianMs: 4, scale: 1 },
      },
    });
    await bridge.load(files);
    await bridge.open(image);
    await settled();
    const state = bridge.getRungState();
    expect(state).toMatchObject({ rung: "wasm-threads", threads: 4 });
    const alive = workers.filter((worker) => worker.isAlive);
    expect(alive.map(({ threads }) => threads)).toEqual([4]);
    expect(alive[0]!.asked).toContain("open");
    expect(state.kind === "ready" && state.trials.map((trial) => trial.decodeMs)).toEqual([10, 6, 4]);
  });

  it("stays with one thread on a machine so busy that two are slower, and shows both times", async () => {
    const { bridge, workers } = bridgeOf({ checks: { "wasm-threads": { medianMs: 30, scale: 1 } } });
    await bridge.load(files);
    await settled();
    expect(bridge.getRungState()).toMatchObject({ rung: "wasm", threads: 1 });
    const state = bridge.getRungState();
    const reasons = state.kind === "ready" ? state.trials.map((trial) => trial.verdict.reason) : [];
    expect(reasons[1]).toContain("slower: 30 ms against 10 ms");
    expect(workers.filter((worker) => worker.isAlive)).toHaveLength(1);
  });

  it("climbs down to the next rung when one does not start, and remembers why", async () => {
    const { bridge } = bridgeOf({
      failing: ["wasm"],
      capabilities: { ...FULL, isCrossOriginIsolated: false },
    });
    await bridge.load(files);
    expect(rungOf(bridge)).toBe("server");
    const state = bridge.getRungState();
    const reasons = state.kind === "ready" ? state.trials.map((trial) => trial.verdict.reason) : [];
    expect(reasons[0]).toContain("no such luck");
  });

  it("changes to WebGPU when it agrees and is faster, taking the open images along", async () => {
    const { bridge, workers } = bridgeOf({
      capabilities: withGpu,
      checks: { webgpu: { medianMs: 2, scale: 1.001 } },
    });
    await bridge.load(files);
    await bridge.open(image);
    await settled();
    expect(rungOf(bridge)).toBe("webgpu");
    expect(workers.filter((worker) => worker.isAlive).map((worker) => worker.rung)).toEqual(["webgpu"]);
    expect((await bridge.decode(click)).rung).toBe("webgpu");
  });

  it.each([
    ["slower", { medianMs: 20, scale: 1 }],
    ["wrong", { medianMs: 2, scale: 1.5 }],
    ["not a number", { medianMs: 2, scale: NaN }],
    ["right with its masks and wrong with their scores", { medianMs: 2, scale: 1, predictedIou: 0.05 }],
  ])("stays with WebAssembly when WebGPU is %s", async (_, check) => {
    const { bridge, workers } = bridgeOf({ capabilities: withGpu, checks: { webgpu: check } });
    await bridge.load(files);
    await settled();
    expect(rungOf(bridge)).toBe("wasm");
    expect(workers.filter((worker) => worker.isAlive).map((worker) => worker.rung)).toEqual(["wasm"]);
  });

  it("hands an image to the worker once, and knows that it is open", async () => {
    const { bridge, workers } = bridgeOf({});
    await bridge.load(files);
    expect(bridge.isOpen("a", "tiny@1")).toBe(false);
    await Promise.all([bridge.open(image), bridge.open(image)]);
    await bridge.open(image);
    expect(workers[1]!.asked.filter((name) => name === "open")).toHaveLength(1);
    expect(bridge.isOpen("a", "tiny@1")).toBe(true);
    expect(bridge.isOpen("a", "tiny@2")).toBe(false);
  });

  it("calls an image open once it is, and tells all who wait for it when that fails", async () => {
    const faults: Behaviour["faults"] = { server: ["open"] };
    const { bridge } = bridgeOf({ capabilities: { ...FULL, hasWasm: false }, faults });
    await bridge.load(files);
    const opening = bridge.open(image);
    expect(bridge.isOpen("a", "tiny@1")).toBe(false);
    const others = [bridge.keepOpen("a", "tiny@1"), bridge.open(image), opening];
    for (const other of others) await expect(other).rejects.toMatchObject({ code: "decoder.failed" });
    expect(bridge.keepOpen("a", "tiny@1")).toBeNull();
    faults.server = [];
    await bridge.open(image);
    expect(bridge.isOpen("a", "tiny@1")).toBe(true);
  });

  it("keeps few images open, those touched last", async () => {
    const { bridge } = bridgeOf({});
    await bridge.load(files);
    for (const key of ["a", "b", "c", "d", "e"]) await bridge.open({ ...image, key });
    await expect(bridge.keepOpen("a", "tiny@1")).resolves.toBeUndefined();
    expect(bridge.keepOpen("a", "tiny@2")).toBeNull();
    await bridge.open({ ...image, key: "f" });
    expect(["a", "b", "c", "f"].map((key) => bridge.isOpen(key, "tiny@1"))).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  it("gives up last the image that is being decoded", async () => {
    const { bridge } = bridgeOf({});
    await bridge.load(files);
    await bridge.open(image);
    for (const key of ["b", "c", "d", "e", "f", "g"]) {
      await bridge.decode(click);
      await bridge.open({ ...image, key });
    }
    expect(bridge.isOpen("a", "tiny@1")).toBe(true);
  });

  describe("reading what was decoded elsewhere", () => {
    const output = { iouPredictions: new Float32Array(4), lowResMasks: new Float32Array(64) };
    const question = { image: "a", model: "tiny@1", output, prompts: 1 };

    it("goes to the worker that has the image open", async () => {
      const { bridge, workers } = bridgeOf({});
      await bridge.load(files);
      await bridge.open(image);
      expect((await bridge.read(question)).model).toBe("tiny@1");
      expect(workers.flatMap(({ asked }) => asked).filter((name) => name === "read")).toHaveLength(1);
    });

    it("is refused where the image is not open, or open for another model", async () => {
      const { bridge } = bridgeOf({});
      await bridge.load(files);
      await expect(bridge.read(question)).rejects.toMatchObject({ code: "image.not_open" });
      await bridge.open(image);
      const other = { ...question, model: "tiny@2" };
      await expect(bridge.read(other)).rejects.toMatchObject({ code: "image.not_open" });
    });
  });

  it("says whether there is a pause in which nothing would stand in a decode's way", async () => {
    const { bridge } = bridgeOf({});
    await bridge.load(files);
    await bridge.open(image);
    expect(bridge.isQuietSince(1_000)).toBe(true);
    await bridge.decode(click);
    expect(bridge.isQuietSince(1_000)).toBe(false);
    expect(bridge.isQuietSince(0)).toBe(true);
  });

  it("loads a model once and says when none was", async () => {
    const { bridge, workers } = bridgeOf({});
    await expect(bridge.open(image)).rejects.toMatchObject({ code: "model.not_loaded" });
    await bridge.load(files);
    await bridge.load(files);
    expect(workers[1]!.asked.filter((name) => name === "load")).toHaveLength(1);
  });
});

describe("the difference of two rungs", () => {
  it("is relative to the spread and infinite for NaN or another length", () => {
    expect(relativeDifference(Float32Array.of(1.5, -1), Float32Array.of(1, -1))).toBeCloseTo(0.5, 6);
    expect(relativeDifference(Float32Array.of(NaN, -1), Float32Array.of(1, -1)) <= 0.02).toBe(false);
    expect(relativeDifference(Float32Array.of(1), Float32Array.of(1, -1))).toBe(Infinity);
  });
});

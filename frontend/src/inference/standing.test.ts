import { describe, expect, it } from "vitest";
import type { Capabilities } from "./rungs";
import { manifest } from "./testManifest";
import { bridgeOf, click, files, FULL, image, rungOf, settled, withGpu, type Behaviour } from "./testWorkers";

describe("a rung that fails in use", () => {
  const single: Capabilities = { ...FULL, isCrossOriginIsolated: false };
  const fast = { webgpu: { medianMs: 2, scale: 1 } };

  it("is followed by WebAssembly, which is handed the models and the image, and answers the click", async () => {
    const faults: Behaviour["faults"] = {};
    const { bridge, workers } = bridgeOf({
      capabilities: { ...single, gpu: withGpu.gpu },
      checks: fast,
      faults,
    });
    await bridge.load(files);
    await bridge.load({ ...files, manifest: { ...manifest, version: "2" } });
    await bridge.open(image);
    await settled();
    expect(rungOf(bridge)).toBe("webgpu");
    faults.webgpu = ["decode"];
    expect((await bridge.decode(click)).rung).toBe("wasm");
    expect(rungOf(bridge)).toBe("wasm");
    const alive = workers.filter((worker) => worker.isAlive);
    expect(alive).toHaveLength(1);
    expect(alive[0]!.asked).toEqual(["start", "load", "load", "check", "decode", "open", "decode"]);
    const state = bridge.getRungState();
    const told = state.kind === "ready" ? state.trials.map(({ verdict }) => verdict.reason) : [];
    expect(told).toContain("It failed in use: the adapter is lost");
  });

  it("is followed by the server where it was the last of the browser, or another fails too", async () => {
    const faults: Behaviour["faults"] = { wasm: [] };
    const { bridge } = bridgeOf({ capabilities: { ...single, gpu: withGpu.gpu }, checks: fast, faults });
    await bridge.load(files);
    await bridge.open(image);
    await settled();
    faults.webgpu = ["decode"];
    faults.wasm = ["open"];
    expect((await bridge.decode(click)).rung).toBe("server");
    expect(await bridge.needsFiles()).toBe(false);
  });

  it("may be one whose worker dies, while several wait for it", async () => {
    const { bridge, workers } = bridgeOf({ capabilities: single });
    await bridge.load(files);
    await bridge.open(image);
    workers.at(-1)!.die();
    const second = { ...image, key: "b" };
    const [decoded] = await Promise.all([bridge.decode(click), bridge.open(second)]);
    expect(decoded.rung).toBe("server");
    expect((await bridge.decode({ ...click, image: "b" })).rung).toBe("server");
    expect(workers.map(({ rung }) => rung).filter((rung) => rung === "server")).toHaveLength(1);
  });

  it("is not the fault of a question that cannot be answered, and the server has none below", async () => {
    const { bridge, workers } = bridgeOf({
      capabilities: { ...FULL, hasWasm: false },
      faults: { server: ["decode"] },
    });
    await bridge.load(files);
    await bridge.open(image);
    await expect(bridge.decode(click)).rejects.toMatchObject({ code: "decoder.failed" });
    await expect(bridge.decode({ ...click, image: "never opened" })).rejects.toMatchObject({
      code: "decoder.failed",
    });
    expect(workers).toHaveLength(2);
  });

  it("is not taken over from by a rung that was judged against it", async () => {
    let release: () => void = () => undefined;
    const held: Behaviour["held"] = {};
    const faults: Behaviour["faults"] = {};
    const { bridge, workers } = bridgeOf({
      capabilities: { ...single, gpu: withGpu.gpu },
      checks: fast,
      faults,
      held,
    });
    await bridge.load(files);
    await bridge.open(image);
    held.open = new Promise((resolve) => (release = resolve));
    await settled();
    expect(workers.at(-1)!.asked).toContain("open");
    faults.wasm = ["decode"];
    delete held.open;
    expect((await bridge.decode(click)).rung).toBe("server");
    release();
    await settled();
    expect(rungOf(bridge)).toBe("server");
    expect(workers.filter(({ isAlive }) => isAlive).map(({ rung }) => rung)).toEqual(["server"]);
  });
});

describe("a rung that takes over", () => {
  const threaded = { "wasm-threads": { medianMs: 4, scale: 1 } };

  it("is handed every open image once, though those are touched meanwhile", async () => {
    let touched = 0;
    const { bridge, workers } = bridgeOf({
      checks: threaded,
      capabilities: { ...FULL, cores: 2 },
      onAsked: (worker, name) => {
        if (worker.rung !== "wasm-threads" || name !== "open" || ++touched > 20) return;
        for (const key of ["a", "b"]) void bridge.keepOpen(key, "tiny@1");
      },
    });
    await bridge.load(files);
    await bridge.open(image);
    await bridge.open({ ...image, key: "b" });
    await settled();
    const next = workers.find(({ isAlive }) => isAlive)!;
    expect(next.rung).toBe("wasm-threads");
    expect(next.asked.filter((name) => name === "open")).toHaveLength(2);
  });

  it("has the model that was loaded into the worker before it while it was handed the images", async () => {
    const held: Behaviour["held"] = {};
    const { bridge, workers } = bridgeOf({ checks: threaded, capabilities: { ...FULL, cores: 2 }, held });
    await bridge.load(files);
    await bridge.open(image);
    let release: () => void = () => undefined;
    held.open = new Promise((resolve) => (release = resolve));
    await settled();
    await bridge.load({ ...files, manifest: { ...manifest, version: "2" } });
    release();
    await settled();
    const next = workers.find(({ isAlive }) => isAlive)!;
    expect(next.rung).toBe("wasm-threads");
    expect(next.asked.filter((name) => name === "load")).toHaveLength(2);
  });
});

describe("one more model", () => {
  const second = { ...files, manifest: { ...manifest, version: "2" } };
  const fast = { webgpu: { medianMs: 2, scale: 1 }, "wasm-threads": { medianMs: 5, scale: 1 } };
  const capabilities: Capabilities = { ...withGpu, cores: 2 };
  const reasonsOf = (bridge: ReturnType<typeof bridgeOf>["bridge"]) => {
    const state = bridge.getRungState();
    return state.kind === "ready" ? state.trials.map(({ verdict }) => verdict.reason) : [];
  };
  const alive = (workers: ReturnType<typeof bridgeOf>["workers"]) =>
    workers.filter(({ isAlive }) => isAlive).map(({ rung }) => rung);

  it("is checked against WebAssembly on a rung that agreed with the first", async () => {
    const { bridge, workers } = bridgeOf({ capabilities, checks: fast });
    await bridge.load(files);
    await settled();
    expect(rungOf(bridge)).toBe("webgpu");
    const before = workers.length;
    await bridge.load(second);
    expect(workers.slice(before).map(({ rung }) => rung)).toEqual(["wasm"]);
    expect(alive(workers)).toEqual(["webgpu"]);
    expect(workers.find(({ isAlive }) => isAlive)!.asked.slice(-2)).toEqual(["load", "check"]);
  });

  it("that the rung is wrong with is answered by another before it counts as loaded", async () => {
    const { bridge, workers } = bridgeOf({ capabilities, checks: fast, wrong: ["tiny@2"] });
    await bridge.load(files);
    await bridge.open(image);
    await settled();
    await bridge.load(second);
    expect(rungOf(bridge)).toBe("wasm");
    expect((await bridge.decode(click)).rung).toBe("wasm");
    await settled();
    expect(rungOf(bridge)).toBe("wasm-threads");
    expect(alive(workers)).toEqual(["wasm-threads"]);
    expect(reasonsOf(bridge)).toContain("Its masks differ from those in use by 200.0 % of their spread.");
  });

  it("keeps a rung that is wrong with it from taking over", async () => {
    const { bridge, workers } = bridgeOf({ capabilities, checks: fast, wrong: ["tiny@2"] });
    await Promise.all([bridge.load(files), bridge.load(second)]);
    await settled();
    expect(rungOf(bridge)).toBe("wasm-threads");
    expect(alive(workers)).toEqual(["wasm-threads"]);
    expect(reasonsOf(bridge).at(-1)).toContain("differ");
  });

  it("needs no check on a rung that computes as WebAssembly does", async () => {
    const { bridge, workers } = bridgeOf({ capabilities: { ...FULL, cores: 2 }, checks: fast });
    await bridge.load(files);
    await settled();
    const before = workers.length;
    await bridge.load(second);
    expect(workers).toHaveLength(before);
  });
});

import type { Tensor } from "onnxruntime-web";
import { describe, expect, it, vi } from "vitest";
import { OrtDecoder, QUIET_MS, type Session } from "./ortDecoder";
import { manifest } from "./testManifest";

interface Plain {
  data: Float32Array;
  dims: readonly number[];
  size: number;
  isDisposed: boolean;
}

function plain(data: Float32Array, dims: readonly number[]): Tensor & Plain {
  const tensor = {
    data,
    dims,
    size: data.length,
    isDisposed: false,
    getData: () => Promise.resolve(data),
    dispose: () => void (tensor.isDisposed = true),
  };
  return tensor as unknown as Tensor & Plain;
}

/** Runs nothing; remembers feeds and refuses to run two things at once, or on tensors that were given back. */
function setUp() {
  const log = {
    made: [] as Record<string, number>[],
    released: 0,
    feeds: [] as Record<string, Plain>[],
    busy: 0,
  };
  const session = (outputs: () => Record<string, Tensor>): Session => ({
    async run(feeds: unknown) {
      if (log.busy++) throw new Error("a second run at once");
      const given = feeds as Record<string, Plain>;
      if (Object.values(given).some((tensor) => tensor.isDisposed)) throw new Error("disposed");
      log.feeds.push(given);
      await Promise.resolve();
      log.busy -= 1;
      return outputs();
    },
    release: () => Promise.resolve(void (log.released += 1)),
  });
  const prepare = session(() => ({
    cells: plain(new Float32Array(8), [4, 2]),
    keys: plain(new Float32Array(4), [4]),
  }));
  const click = session(() => ({
    iou_predictions: plain(new Float32Array(4), [1, 4]),
    low_res_masks: plain(new Float32Array(64), [1, 4, 4, 4]),
  }));
  const makeClick = (sizes: Record<string, number>) => {
    log.made.push(sizes);
    return Promise.resolve(click);
  };
  return { log, decoder: new OrtDecoder(prepare, makeClick, plain, manifest) };
}

const promptOf = (points: number) => ({
  pointCoords: new Float32Array(2 * points),
  pointLabels: new Float32Array(points).fill(1),
});

describe("the two graphs in onnxruntime", () => {
  it("feed what was prepared, by name and without a copy, to every click", async () => {
    const { log, decoder } = setUp();
    const image = await decoder.prepare(Float32Array.of(1, 2, 3, 4));
    expect(image.bytes).toBe(48);
    expect(log.feeds[0]!.image_embeddings!.dims).toEqual([1, 1, 2, 2]);
    await decoder.click(image, promptOf(2), null);
    await decoder.click(image, promptOf(2), new Float32Array(16).fill(5));
    const [, first, second] = log.feeds;
    expect(Object.keys(first!).sort()).toEqual(
      ["cells", "has_mask_input", "keys", "mask_input", "point_coords", "point_labels"].sort(),
    );
    expect(second!.cells).toBe(first!.cells);
    expect([first!.has_mask_input!.data[0], second!.has_mask_input!.data[0]]).toEqual([0, 1]);
    expect(second!.mask_input!.data[0]).toBe(5);
  });

  it("make one session per bucket when it is first needed, and give the oldest back", async () => {
    const { log, decoder } = setUp();
    const image = await decoder.prepare(new Float32Array(4));
    for (const points of [2, 2, 3, 4, 5]) await decoder.click(image, promptOf(points), null);
    expect(log.made).toEqual([{ num_points: 2 }, { num_points: 3 }, { num_points: 5 }]);
    expect(Array.from(log.feeds.at(-2)!.point_labels!.data)).toEqual([1, 1, 1, 1, -2]);
    for (const points of [7, 16]) await decoder.click(image, promptOf(points), null);
    expect(log.made.at(-1)).toEqual({});
    expect(log.feeds.at(-1)!.point_labels!.dims).toEqual([1, 16]);
    expect(log.released).toBe(1);
    await decoder.click(image, promptOf(2), null);
    expect(log.made.at(-1)).toEqual({ num_points: 2 });
  });

  it("make the session for the next click in a pause, not in between", async () => {
    vi.useFakeTimers();
    try {
      const { log, decoder } = setUp();
      const image = await decoder.prepare(new Float32Array(4));
      await decoder.click(image, promptOf(2), null);
      await vi.advanceTimersByTimeAsync(QUIET_MS - 1);
      await decoder.click(image, promptOf(2), null);
      await vi.advanceTimersByTimeAsync(QUIET_MS - 1);
      expect(log.made).toEqual([{ num_points: 2 }]);
      await vi.advanceTimersByTimeAsync(1);
      expect(log.made).toEqual([{ num_points: 2 }, { num_points: 3 }]);
      await decoder.click(image, promptOf(3), null);
      expect(log.made).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it("say when a call's turn has come, not before those asked for earlier are done", async () => {
    const { log, decoder } = setUp();
    const image = await decoder.prepare(new Float32Array(4));
    const runs: number[] = [];
    const turn = () => void runs.push(log.feeds.length);
    void decoder.click(image, promptOf(2), null);
    await Promise.all([
      decoder.click(image, promptOf(2), null, turn),
      decoder.prepare(new Float32Array(4), turn),
    ]);
    expect(runs).toEqual([2, 3]);
  });

  it("take turns, and an image goes only after the clicks that were asked for before", async () => {
    const { log, decoder } = setUp();
    const image = await decoder.prepare(new Float32Array(4));
    const clicks = [decoder.click(image, promptOf(2), null), decoder.click(image, promptOf(3), null)];
    image.dispose();
    await Promise.all([...clicks, decoder.prepare(new Float32Array(4))]);
    expect(log.feeds[1]!.cells!.isDisposed).toBe(true);
    await expect(decoder.click(image, promptOf(2), null)).rejects.toThrow("disposed");
  });
});

import { describe, expect, it } from "vitest";
import type { ImageDetail } from "../../api/types";
import { Prefetcher } from "./prefetch";

const LAST = 9;

function image(id: number): ImageDetail {
  return {
    id,
    next_id: id < LAST ? id + 1 : null,
    previous_id: id > 1 ? id - 1 : null,
  } as ImageDetail;
}

/** A prefetcher that notes what it does; `pauses` holds back every step until it is told to go on. */
function setUp({ savesData = false, failing = "" } = {}) {
  const log: string[] = [];
  const signals: AbortSignal[] = [];
  const waiting: (() => void)[] = [];
  let isHeld = false;
  const part = (name: string) => (of: ImageDetail, signal: AbortSignal) => {
    signals.push(signal);
    log.push(`${name} ${of.id}`);
    return name === failing ? Promise.reject(new Error("not there")) : Promise.resolve();
  };
  const prefetcher = new Prefetcher(
    {
      detail: (id) => {
        log.push(`detail ${id}`);
        return Promise.resolve(image(id));
      },
      parts: [part("masks"), part("embedding")],
      pause: () => (isHeld ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()),
    },
    () => savesData,
  );
  return {
    log,
    signals,
    prefetcher,
    hold: () => (isHeld = true),
    goOn: async () => {
      waiting.shift()?.();
      await new Promise((resolve) => setTimeout(resolve));
    },
  };
}

describe("prefetching", () => {
  it("takes the next two images and then the one before, one part after the other", async () => {
    const { log, prefetcher } = setUp();
    await prefetcher.aim(image(5));
    expect(log).toEqual([
      ...["detail 6", "masks 6", "embedding 6"],
      ...["detail 7", "masks 7", "embedding 7"],
      ...["detail 4", "masks 4", "embedding 4"],
    ]);
  });

  it("ends where the images end", async () => {
    const { log, prefetcher } = setUp();
    await prefetcher.aim(image(LAST));
    expect(log).toEqual(["detail 8", "masks 8", "embedding 8"]);
    log.length = 0;
    await prefetcher.aim({ ...image(1), next_id: null });
    expect(log).toEqual([]);
  });

  it("does nothing before there is a pause, and one thing per pause", async () => {
    const { log, prefetcher, hold, goOn } = setUp();
    hold();
    void prefetcher.aim(image(5));
    await Promise.resolve();
    expect(log).toEqual([]);
    await goOn();
    expect(log).toEqual(["detail 6"]);
    await goOn();
    expect(log).toEqual(["detail 6", "masks 6"]);
  });

  it("stops at once when somebody goes elsewhere, and starts from there", async () => {
    const { log, signals, prefetcher, hold, goOn } = setUp();
    hold();
    void prefetcher.aim(image(5));
    await goOn();
    await goOn();
    void prefetcher.aim(image(2));
    expect(signals[0]!.aborted).toBe(true);
    for (let step = 0; step < 3; step++) await goOn();
    expect(log).toEqual(["detail 6", "masks 6", "detail 3", "masks 3"]);
    prefetcher.stop();
    await goOn();
    expect(log).toHaveLength(4);
  });

  it("goes on with the other parts when one fails", async () => {
    const { log, prefetcher } = setUp({ failing: "masks" });
    await prefetcher.aim({ ...image(5), previous_id: null });
    expect(log).toContain("embedding 7");
  });

  it("leaves people alone who save data", async () => {
    const { log, prefetcher } = setUp({ savesData: true });
    await prefetcher.aim(image(5));
    expect(log).toEqual([]);
  });
});

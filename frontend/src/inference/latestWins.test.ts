import { describe, expect, it, vi } from "vitest";
import { SupersededError } from "./errors";
import { LatestWins } from "./latestWins";

/** Runs finish only when told, in the order they began. */
class Stage {
  readonly begun: string[] = [];
  private readonly finishers: (() => void)[] = [];
  run = (request: string): Promise<string> => {
    this.begun.push(request);
    return new Promise((resolve) => this.finishers.push(() => resolve(`answer ${request}`)));
  };
  async finish(): Promise<void> {
    this.finishers.shift()!();
    await new Promise((resolve) => setTimeout(resolve));
  }
}

describe("latest wins", () => {
  it("runs one, keeps only the newest waiting and tells the others", async () => {
    const stage = new Stage();
    const lane = new LatestWins(stage.run);
    const first = lane.request("a");
    const lost = ["b", "c", "d"].map((name) => lane.request(name).catch((error: unknown) => error));
    const last = lane.request("e");
    expect(stage.begun).toEqual(["a"]);
    await stage.finish();
    expect(stage.begun).toEqual(["a", "e"]);
    await stage.finish();
    expect(await first).toBe("answer a");
    expect(await last).toBe("answer e");
    for (const error of await Promise.all(lost)) expect(error).toBeInstanceOf(SupersededError);
  });

  it("never lets a lower priority push a higher one aside", async () => {
    const stage = new Stage();
    const lane = new LatestWins(stage.run);
    void lane.request("hover 1", 0);
    const click = lane.request("click", 1);
    await expect(lane.request("hover 2", 0)).rejects.toBeInstanceOf(SupersededError);
    await stage.finish();
    await stage.finish();
    expect(await click).toBe("answer click");
  });

  it("lets go of an aborted request at once and does not run it", async () => {
    const stage = new Stage();
    const lane = new LatestWins(stage.run);
    const controller = new AbortController();
    void lane.request("a");
    const aborted = lane.request("b", 0, controller.signal);
    controller.abort();
    await expect(aborted).rejects.toBeInstanceOf(SupersededError);
    await stage.finish();
    expect(stage.begun).toEqual(["a"]);
    void lane.request("c");
    expect(stage.begun).toEqual(["a", "c"]);
  });

  it("goes on after a failure", async () => {
    const lane = new LatestWins((request: string) =>
      request === "bad" ? Promise.reject(new Error("no")) : Promise.resolve(request),
    );
    await expect(lane.request("bad")).rejects.toThrow("no");
    expect(await lane.request("good")).toBe("good");
  });

  it("is idle once nothing runs and nothing waits", async () => {
    const finish: (() => void)[] = [];
    const lane = new LatestWins(
      (request: string) => new Promise<string>((resolve) => finish.push(() => resolve(request))),
    );
    await lane.whenIdle();
    let isIdle = false;
    const first = lane.request("first");
    void lane.whenIdle().then(() => (isIdle = true));
    const second = lane.request("second");
    finish[0]!();
    await first;
    await Promise.resolve();
    expect(isIdle).toBe(false);
    await vi.waitFor(() => expect(finish).toHaveLength(2));
    finish[1]!();
    await second;
    await vi.waitFor(() => expect(isIdle).toBe(true));
  });
});

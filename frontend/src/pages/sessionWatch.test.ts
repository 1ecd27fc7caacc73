import { describe, expect, it, vi } from "vitest";
import { SessionWatch } from "./sessionWatch";

describe("the watch over the session", () => {
  it("asks once, and no more once that was put off", () => {
    const watch = new SessionWatch(() => Promise.resolve(true));
    watch.ended();
    expect(watch.getState()).toBe("asked");
    watch.postpone();
    watch.ended();
    expect(watch.getState()).toBe("postponed");
  });

  it("ends with a log-in elsewhere, if it is the same person's", async () => {
    const isMine = vi.fn(() => Promise.resolve(false));
    const watch = new SessionWatch(isMine);
    await watch.answered();
    expect(isMine).not.toHaveBeenCalled();
    watch.ended();
    watch.postpone();
    await watch.answered();
    expect(watch.getState()).toBe("postponed");
    isMine.mockRejectedValueOnce(new Error("offline"));
    await watch.answered();
    isMine.mockResolvedValueOnce(true);
    await Promise.all([watch.answered(), watch.answered()]);
    expect(isMine).toHaveBeenCalledTimes(3);
    expect(watch.getState()).toBe("open");
  });
});

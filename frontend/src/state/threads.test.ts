import { describe, expect, it } from "vitest";
import type { Thread } from "../api/types";
import { imageToView } from "../geometry/frames";
import { imagePoint } from "../geometry/points";
import { firstWords, listedThreads, threadAfter, threadLearnt } from "./threads";

const comment = (text: string, deleted_at: string | null = null) => ({
  id: text,
  author: null,
  text,
  mentions: [],
  created_at: "2026-01-01T00:00:00Z",
  edited_at: null,
  deleted_at,
});

const thread = (number: number, isResolved = false, comments = [comment(`words ${number}`)]): Thread => ({
  id: `t${number}`,
  image: 1,
  number,
  mask: null,
  x: 10.5,
  y: 20.5,
  created_by: null,
  created_at: "2026-01-01T00:00:00Z",
  resolved_at: isResolved ? "2026-01-02T00:00:00Z" : null,
  resolved_by: null,
  version: 1,
  comments,
});

const ids = (threads: readonly Thread[]) => threads.map(({ id }) => id);

describe("threads", () => {
  const all = [thread(1), thread(2, true), thread(3)];

  it("are listed open or all, the one that is looked at always", () => {
    expect(ids(listedThreads(all, "open", null))).toEqual(["t1", "t3"]);
    expect(ids(listedThreads(all, "open", "t2"))).toEqual(["t1", "t2", "t3"]);
    expect(ids(listedThreads(all, "all", null))).toEqual(["t1", "t2", "t3"]);
  });

  it("follow each other round and round", () => {
    expect(threadAfter(all, null, 1)?.id).toBe("t1");
    expect(threadAfter(all, null, -1)?.id).toBe("t3");
    expect(threadAfter(all, "t3", 1)?.id).toBe("t1");
    expect(threadAfter(all, "t1", -1)?.id).toBe("t3");
    expect(threadAfter([], "t1", 1)).toBeNull();
  });

  it("are named by the first comment that is left", () => {
    expect(firstWords(thread(1, false, [comment("", "2026-01-03T00:00:00Z"), comment("left")]))).toBe("left");
  });

  it("take their place when the server tells them", () => {
    expect(ids(threadLearnt([thread(1), thread(3)], thread(2)))).toEqual(["t1", "t2", "t3"]);
    expect(threadLearnt(all, thread(2))[1]?.resolved_at).toBeNull();
  });

  it("stay at their place of the image at every zoom", () => {
    const at = imagePoint(10.5, 20.5);
    expect(imageToView({ scale: 1, left: 0, top: 0 }, at)).toEqual({ x: 10.5, y: 20.5 });
    expect(imageToView({ scale: 8, left: -40, top: 12 }, at)).toEqual({ x: 44, y: 176 });
  });
});

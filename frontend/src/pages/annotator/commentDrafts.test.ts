import { beforeEach, describe, expect, it, vi } from "vitest";
import { CommentDrafts, forgetCommentDrafts } from "./commentDrafts";

describe("drafts of comments", () => {
  let kept: Map<string, string>;

  beforeEach(() => {
    kept = new Map();
    vi.stubGlobal("sessionStorage", {
      get length() {
        return kept.size;
      },
      key: (index: number) => [...kept.keys()][index] ?? null,
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    });
  });

  it("are found again with their id, so that sending again makes no second comment", () => {
    const drafts = new CommentDrafts(1, 7);
    drafts.keep("t", { id: "c1", text: "half a" });
    expect(new CommentDrafts(1, 7).of("t")).toEqual({ id: "c1", text: "half a" });
    drafts.forget("t");
    expect(drafts.of("t").text).toBe("");
    expect(drafts.of("t").id).not.toBe("c1");
  });

  it("are one person's on one image, and nobody's after a log-out", () => {
    new CommentDrafts(1, 7).keep("t", { id: "c1", text: "mine" });
    new CommentDrafts(11, 7).keep("t", { id: "c2", text: "theirs" });
    expect(new CommentDrafts(2, 7).of("t").text).toBe("");
    expect(new CommentDrafts(1, 8).of("t").text).toBe("");
    forgetCommentDrafts(1);
    expect(new CommentDrafts(1, 7).of("t").text).toBe("");
    expect(new CommentDrafts(11, 7).of("t").text).toBe("theirs");
  });

  it("that something else wrote over, or that cannot be kept, are empty", () => {
    const drafts = new CommentDrafts(1, 7);
    kept.set("anymask.comment.1.7.t", "{");
    expect(drafts.of("t").text).toBe("");
    kept.set("anymask.comment.1.7.t", '{"text": 3}');
    expect(drafts.of("t").text).toBe("");
    vi.stubGlobal("sessionStorage", {
      setItem: () => {
        throw new Error("full");
      },
    });
    expect(() => drafts.keep("t", { id: "c1", text: "lost" })).not.toThrow();
  });
});

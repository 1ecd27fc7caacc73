import { describe, expect, it } from "vitest";
import { Listeners } from "../common/listeners";
import { ALL_SAVED, type SaveStatus } from "./saveStatus";
import { allSaved } from "./saved";

function makeBook() {
  const listeners = new Listeners();
  const now = { waiting: 1, conflicts: 0, status: { ...ALL_SAVED, kind: "saving" } as SaveStatus };
  return {
    book: {
      waitingFor: (imageId: number) => new Map(imageId === 7 && now.waiting > 0 ? [["a", null]] : []),
      conflictsOf: () => Array.from({ length: now.conflicts }, () => ({}) as never),
      getStatus: () => now.status,
      subscribe: listeners.subscribe,
    },
    change: (to: Partial<typeof now>) => {
      Object.assign(now, to);
      listeners.tell();
    },
  };
}

describe("waiting until an image is saved", () => {
  it("ends when the last change has arrived", async () => {
    const { book, change } = makeBook();
    const answer = allSaved(book, 7, 1000);
    change({});
    change({ waiting: 0 });
    expect(await answer).toEqual({ isSaved: true });
  });

  it("does not wait for other images", async () => {
    expect(await allSaved(makeBook().book, 8, 1000)).toEqual({ isSaved: true });
  });

  it("tells what keeps changes from arriving", async () => {
    const { book, change } = makeBook();
    const answer = allSaved(book, 7, 1000);
    const problem = { code: "image.locked", message: "It is locked." };
    change({ status: { ...ALL_SAVED, kind: "refused", problem } });
    expect(await answer).toEqual({ isSaved: false, reason: "It is locked." });
  });

  it("asks for a decision about a conflict first", async () => {
    const { book, change } = makeBook();
    change({ waiting: 0, conflicts: 1 });
    expect(await allSaved(book, 7, 1000)).toMatchObject({ isSaved: false });
  });

  it("loses patience", async () => {
    expect(await allSaved(makeBook().book, 7, 5)).toMatchObject({ isSaved: false });
  });
});

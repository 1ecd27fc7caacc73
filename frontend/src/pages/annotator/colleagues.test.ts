import { beforeEach, describe, expect, it } from "vitest";
import * as actions from "../../state/actions";
import { initialState } from "../../state/annotation";
import { masksRelabelled } from "../../state/objects";
import { refinementBegun } from "../../state/refinement";
import type { ServerMask } from "../../state/pendingChange";
import { SaveQueue } from "../../state/saveQueue";
import { AnnotationStore } from "../../state/store";
import {
  ADA,
  classifyTestFailure,
  MemoryJournal,
  testMask,
  TestServer,
  TestTabs,
} from "../../state/testSaving";
import { Colleagues } from "./colleagues";
import { choicesOf, decideConflict } from "./conflicts";

const IMAGE = 7;

function told(labelId: number, revision: number): ServerMask {
  return { known: { kind: "stored", revision }, mask: testMask("a", labelId), by: "bob", at: null };
}
const deletedAt = (revision: number): ServerMask => ({
  known: { kind: "deleted", revision },
  mask: null,
  by: "bob",
  at: null,
});

describe("colleagues' changes", () => {
  let server: TestServer;
  let journal: MemoryJournal;
  let queue: SaveQueue;
  let store: AnnotationStore;
  let colleagues: Colleagues;
  const label = (id = "a") => store.getState().masks.get(id)?.labelId;
  const settle = () => new Promise((done) => setTimeout(done, 5));

  beforeEach(() => {
    server = new TestServer();
    journal = new MemoryJournal();
    queue = new SaveQueue(journal, server.send, classifyTestFailure, new TestTabs().tab(), server.decide);
    queue.setUser(ADA);
    server.masks.set("a", { mask: testMask("a"), revision: 1, by: "ada" });
    queue.learn("a", { kind: "stored", revision: 1 });
    store = new AnnotationStore(initialState({ height: 2, width: 2 }, [testMask("a")]), ({ masks }) => {
      for (const { id, after } of masks) queue.want(id, IMAGE, after);
    });
    colleagues = new Colleagues({
      imageId: IMAGE,
      cursor: "1",
      store,
      queue,
      isInHand: (id) => store.getState().draft.refinedId === id,
      onLoggedOut: () => undefined,
      onAnswered: () => undefined,
    });
    queue.onNews(({ maskId, server: held }) => colleagues.receive(maskId, held));
  });

  it("are shown, and further wishes are made from them", async () => {
    colleagues.receive("a", told(5, 2));
    expect(label()).toBe(5);
    expect(store.canUndo).toBe(false);
    server.masks.set("a", { mask: testMask("a", 5), revision: 2, by: "bob" });
    store.apply((state) => masksRelabelled(state, ["a"], 6, []));
    await settle();
    expect(server.masks.get("a")).toMatchObject({ revision: 3, mask: { labelId: 6 } });
    expect(queue.book.getStatus().kind).toBe("saved");
  });

  it("are not taken for news when they are our own, told again", async () => {
    store.apply((state) => masksRelabelled(state, ["a"], 2, []));
    await settle();
    const before = store.getState();
    colleagues.receive("a", told(2, 2));
    colleagues.receive("a", told(1, 1));
    expect(store.getState()).toBe(before);
  });

  it("wait while our change of the same mask is on its way, and become a conflict, not an overwriting", async () => {
    server.masks.set("a", { mask: testMask("a", 5), revision: 2, by: "bob" });
    store.apply((state) => masksRelabelled(state, ["a"], 2, []));
    colleagues.receive("a", told(5, 2));
    expect(label()).toBe(2);
    await settle();
    expect(label()).toBe(5);
    expect(queue.book.conflictsOf(IMAGE)).toMatchObject([{ mine: { labelId: 2 }, theirs: { by: "bob" } }]);
    expect(server.masks.get("a")!.mask.labelId).toBe(5);
  });

  it("wait while somebody refines the mask, and come when it is given up", () => {
    store.apply((state) => refinementBegun(state, "a"));
    colleagues.receive("a", told(5, 2));
    expect(label()).toBe(1);
    store.apply(actions.draftCancelled);
    colleagues.receive("b", deletedAt(1));
    expect(label()).toBe(5);
  });

  it("take a deleted mask away and bring a restored one back", () => {
    colleagues.receive("a", deletedAt(1));
    expect(label()).toBeUndefined();
    colleagues.receive("a", told(1, 1));
    expect(label()).toBeUndefined();
    colleagues.receive("a", told(4, 2));
    expect(label()).toBe(4);
  });

  describe("in conflict with ours", () => {
    const conflict = () => queue.book.conflictsOf(IMAGE)[0]!;
    beforeEach(async () => {
      server.masks.set("a", { mask: testMask("a", 5), revision: 2, by: "bob" });
      store.apply((state) => masksRelabelled(state, ["a"], 2, []));
      await settle();
    });

    it("stay when theirs is kept", async () => {
      await decideConflict(store, queue, conflict(), "theirs", "ada");
      await settle();
      expect(server.masks.get("a")).toMatchObject({ revision: 2, mask: { labelId: 5 } });
      expect(queue.book.getStatus()).toMatchObject({ kind: "saved", conflicts: 0 });
    });

    it("are followed by ours when mine is kept, which can be undone", async () => {
      await decideConflict(store, queue, conflict(), "mine", "ada");
      await settle();
      expect(server.masks.get("a")).toMatchObject({ revision: 3, mask: { labelId: 2 } });
      store.undo();
      await settle();
      expect(server.masks.get("a")).toMatchObject({ revision: 4, mask: { labelId: 5 } });
    });

    it("stay beside ours, under a new id and of whoever decides, when both are kept", async () => {
      expect(choicesOf(conflict())).toEqual(["theirs", "mine", "both"]);
      await decideConflict(store, queue, conflict(), "both", "ada");
      await settle();
      expect([...server.masks.values()].map(({ mask }) => mask.labelId)).toEqual([5, 2]);
      expect([...server.masks.values()].at(-1)!.mask.author).toBe("ada");
      expect(journal.conflicts.size).toBe(0);
    });
  });

  it("deleted while we changed it: ours can be brought back on top of the deletion", async () => {
    server.answer("a", { kind: "remove", revision: 1 }, "bob");
    store.apply((state) => masksRelabelled(state, ["a"], 2, []));
    await settle();
    expect(label()).toBeUndefined();
    const [conflict] = queue.book.conflictsOf(IMAGE);
    expect(choicesOf(conflict!)).toEqual(["theirs", "mine"]);
    await decideConflict(store, queue, conflict!, "mine", "ada");
    await settle();
    expect(server.masks.get("a")).toMatchObject({ revision: 2, by: "ada", mask: { labelId: 2 } });
    expect(label()).toBe(2);
  });
});

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SavedMask } from "./annotation";
import { SaveQueue } from "./saveQueue";
import { ADA, BOB, classifyTestFailure, MemoryJournal, testMask, TestServer, TestTabs } from "./testSaving";

describe("the save queue", () => {
  let server: TestServer;
  let journal: MemoryJournal;
  let tabs: TestTabs;
  let queue: SaveQueue;

  function newTab(user: typeof ADA | null = ADA): SaveQueue {
    const made = new SaveQueue(journal, server.send, classifyTestFailure, tabs.tab(), server.decide);
    if (user) made.setUser(user);
    return made;
  }
  const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  const status = () => queue.book.getStatus();

  beforeEach(() => {
    vi.useFakeTimers();
    server = new TestServer();
    journal = new MemoryJournal();
    tabs = new TestTabs();
    queue = newTab();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("creates, updates from the revision it was told, removes, and brings back", async () => {
    queue.want("a", 7, testMask("a"));
    await pass();
    queue.want("a", 7, testMask("a", 2));
    await pass();
    queue.want("a", 7, null);
    await pass();
    queue.want("a", 7, testMask("a"));
    await pass();
    expect(server.log).toEqual([
      "create a label 1",
      "update a label 2 from 1",
      "remove a at 2",
      "restore a label 1 at 2",
    ]);
    expect(server.masks.get("a")!.revision).toBe(3);
    expect(status()).toMatchObject({ kind: "saved", waiting: 0 });
    expect(journal.pending.size).toBe(0);
  });

  it("writes to the journal before anything is sent", async () => {
    server.send = vi.fn(() => {
      expect([...journal.pending.values()]).toMatchObject([{ maskId: "a", sent: { mask: { id: "a" } } }]);
      return Promise.resolve({ kind: "done" as const, known: { kind: "stored" as const, revision: 1 } });
    });
    newTab().want("a", 7, testMask("a"));
    await pass();
    expect(server.send).toHaveBeenCalledOnce();
  });

  it("sends only the newest state of a mask that changed while another was sent", async () => {
    queue.want("a", 7, testMask("a"));
    queue.want("b", 7, testMask("b"));
    queue.want("b", 7, testMask("b", 2));
    expect(status()).toMatchObject({ kind: "saving", waiting: 2 });
    expect([...queue.book.waitingFor(7).keys()]).toEqual(["a", "b"]);
    expect(queue.book.waitingFor(8).size).toBe(0);
    await pass();
    expect(server.log).toEqual(["create a label 1", "create b label 2"]);
  });

  it("never tells the server of a mask made and undone before it was sent", async () => {
    queue.want("a", 7, testMask("a"));
    queue.want("b", 7, testMask("b"));
    queue.want("b", 7, null);
    await pass();
    expect(server.log).toEqual(["create a label 1"]);
  });

  it("removes a mask whose create was never answered, because the server may hold it", async () => {
    server.failures.push({ kind: "later" });
    queue.want("a", 7, testMask("a"));
    await pass();
    queue.want("a", 7, null);
    await pass(1000);
    expect(server.log).toEqual(["create a label 1", "create a label 1", "remove a at 1"]);
    expect(status()).toMatchObject({ kind: "saved" });
  });

  it("keeps what failed for a passing reason, shows it, and tries again with growing pauses", async () => {
    server.failures.push({ kind: "later" }, { kind: "later" });
    queue.want("a", 7, testMask("a"));
    await pass();
    expect(status()).toMatchObject({ kind: "offline", waiting: 1, problem: { code: "test.later" } });
    await pass(1000);
    expect(server.log).toHaveLength(2);
    await pass(1999);
    expect(server.log).toHaveLength(2);
    await pass(1);
    expect(server.log).toHaveLength(3);
    expect(status()).toMatchObject({ kind: "saved", problem: null });
  });

  it("does not wait for the pause when woken", async () => {
    server.failures.push({ kind: "later" });
    queue.want("a", 7, testMask("a"));
    await pass();
    queue.wake();
    await pass();
    expect(status()).toMatchObject({ kind: "saved" });
  });

  it("does not repeat what was refused until asked, and goes on with the rest", async () => {
    server.failures.push({ kind: "refused" });
    queue.want("a", 7, testMask("a"));
    queue.want("b", 7, testMask("b"));
    await pass(60_000);
    expect(server.log).toEqual(["create a label 1", "create b label 1"]);
    expect(status()).toMatchObject({ kind: "refused", waiting: 1, problem: { code: "test.refused" } });
    queue.retryNow();
    await pass();
    expect(status()).toMatchObject({ kind: "saved" });
  });

  it("gives up what was refused when told to", async () => {
    server.failures.push({ kind: "refused" });
    queue.want("a", 7, testMask("a"));
    await pass();
    await queue.discardRefused();
    expect(status()).toMatchObject({ kind: "saved" });
    expect(journal.pending.size).toBe(0);
  });

  it("waits for the log-in of the one whose work it is, and sends nothing for anybody else", async () => {
    server.failures.push({ kind: "login" });
    queue.want("a", 7, testMask("a"));
    await pass(60_000);
    expect(server.log).toHaveLength(1);
    expect(status()).toMatchObject({ kind: "login", waiting: 1 });
    queue.setUser(BOB);
    queue.want("b", 7, testMask("b"));
    await pass(60_000);
    expect([...server.masks.keys()]).toEqual(["b"]);
    expect(status()).toMatchObject({ kind: "saved", others: ["ada"] });
    expect(queue.book.waitingFor(7).size).toBe(0);
    queue.setUser(ADA);
    await pass();
    expect([...server.masks.values()].map(({ by }) => by)).toEqual(["bob", "ada"]);
    expect(status()).toMatchObject({ kind: "saved", others: [] });
  });

  it("sends in a new tab what an old one left, in its order", async () => {
    server.failures.push({ kind: "later" });
    queue.want("a", 7, testMask("a"));
    await pass(1);
    queue.want("b", 7, testMask("b"));
    await pass(1);
    const next = newTab();
    await pass();
    expect(server.log).toEqual(["create a label 1", "create a label 1", "create b label 1"]);
    expect(next.book.getStatus()).toMatchObject({ kind: "saved" });
  });

  it("of two tabs one sends, and the other hears what became of it", async () => {
    const other = newTab();
    const heard: unknown[] = [];
    other.onNews((news) => heard.push(news));
    queue.want("a", 7, testMask("a"));
    await pass(60_000);
    expect(server.log).toEqual(["create a label 1"]);
    expect(heard).toMatchObject([
      { maskId: "a", imageId: 7, server: { known: { kind: "stored", revision: 1 } } },
    ]);
    expect(other.book.getStatus()).toMatchObject({ kind: "saved" });
  });

  it("keeps both versions when somebody else was first, and asks which it shall be", async () => {
    server.masks.set("a", { mask: testMask("a", 5), revision: 4, by: "bob" });
    const heard: unknown[] = [];
    queue.onNews((news, conflict) => heard.push([news.server.by, conflict?.mine?.labelId]));
    queue.learn("a", { kind: "stored", revision: 3 });
    queue.want("a", 7, testMask("a", 2));
    await pass();
    expect(server.log).toEqual(["update a label 2 from 3"]);
    expect(heard).toEqual([["bob", 2]]);
    expect(status()).toMatchObject({ kind: "conflict", waiting: 0, conflicts: 1 });
    const [conflict] = newTab().book.conflictsOf(7);
    expect(conflict).toBeUndefined();
    const later = newTab();
    await pass();
    const [kept] = later.book.conflictsOf(7);
    expect(kept).toMatchObject({ mine: { labelId: 2 }, theirs: { mask: { labelId: 5 }, by: "bob" } });

    // Keep mine: on top of theirs.
    queue.learn("a", { kind: "stored", revision: 4 });
    queue.want("a", 7, testMask("a", 2));
    await queue.dropConflict(kept!.id);
    await pass();
    expect(server.masks.get("a")).toMatchObject({ revision: 5, mask: { labelId: 2 } });
    expect(status()).toMatchObject({ kind: "saved", conflicts: 0 });
  });

  it("takes deleting what is already gone as done", async () => {
    queue.learn("a", { kind: "stored", revision: 3 });
    queue.want("a", 7, null);
    await pass();
    expect(status()).toMatchObject({ kind: "saved", conflicts: 0 });
  });

  it("recognises its own change whose answer was lost, and goes on from there", async () => {
    server.masks.set("a", { mask: testMask("a"), revision: 1, by: "ada" });
    queue.learn("a", { kind: "stored", revision: 1 });
    server.failures.push({ kind: "later", isDoneFirst: true });
    queue.want("a", 7, testMask("a", 2));
    await pass();
    queue.want("a", 7, testMask("a", 3));
    await pass(1000);
    expect(server.log).toEqual([
      "update a label 2 from 1",
      "update a label 2 from 1",
      "update a label 3 from 2",
    ]);
    expect(status()).toMatchObject({ kind: "saved", conflicts: 0 });
  });

  it("says when the journal cannot keep what waits", async () => {
    server.failures.push({ kind: "later" });
    journal.isKept = false;
    queue.want("a", 7, testMask("a"));
    await pass();
    expect(status()).toMatchObject({ kind: "offline", isKept: false });
  });

  it("leaves a mask alone that a colleague brought back while ours was made and taken back unsent", async () => {
    server.masks.set("a", { mask: testMask("a", 110), revision: 2, by: "bob" });
    queue.learn("a", { kind: "deleted", revision: 1 });
    queue.want("a", 7, testMask("a", 10));
    queue.want("a", 7, null);
    await pass();
    expect(server.log).toEqual([]);
    expect(server.stateOf("a").mask?.labelId).toBe(110);
    expect(status()).toMatchObject({ kind: "saved", conflicts: 0 });
  });

  it("loses nothing and overwrites nobody, whatever is lost on the way", async () => {
    const label = fc.integer({ min: 10, max: 99 });
    const step = fc.oneof(
      fc.record({ do: fc.constant("want" as const), label: fc.option(label) }),
      fc.record({
        do: fc.constant("colleague" as const),
        label: fc.option(label.map((value) => value + 100)),
      }),
      fc.record({ do: fc.constant("fail" as const), isDoneFirst: fc.boolean() }),
      fc.record({ do: fc.constant("restart" as const) }),
      fc.record({ do: fc.constant("pass" as const), ms: fc.constantFrom(0, 1, 5000) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        [server, journal, tabs] = [new TestServer(), new MemoryJournal(), new TestTabs()];
        server.masks.set("a", { mask: testMask("a"), revision: 1, by: "bob" });
        let tab = newTab();
        let wanted: SavedMask | null | undefined;
        /** Requests there had been when the first of the wishes that wait was made. */
        let requestsBefore = 0;
        /** Answers there had been when the newest wish was made. */
        let toldBefore = 0;
        /** What the person sees and works on: own wishes, and theirs once told. */
        const listen = () =>
          tab.onNews(({ server: { known } }, conflict) => {
            if (conflict) tab.learn("a", known);
          });
        listen();
        tab.learn("a", { kind: "stored", revision: 1 });
        for (const action of steps) {
          if (action.do === "want") {
            const seen = tab.book.waitingFor(7).get("a");
            const isThere = seen === undefined ? tab.knownOf("a").kind === "stored" : seen !== null;
            if (action.label === null && !isThere) continue;
            if (seen === undefined) requestsBefore = server.log.length;
            const mask = action.label === null ? null : testMask("a", action.label);
            // Made where there was none and taken back before anybody heard of it: that asks for nothing.
            const isTakenBack =
              mask === null && tab.knownOf("a").kind !== "stored" && server.log.length === requestsBefore;
            wanted = isTakenBack ? undefined : mask;
            toldBefore = server.told.length;
            tab.want("a", 7, mask);
          } else if (action.do === "fail") {
            server.failures.push({ kind: "later", isDoneFirst: action.isDoneFirst });
          } else if (action.do === "restart") {
            // What a reload shows: the server's masks, and over them what waits.
            await pass(1);
            tab.setUser(null);
            await pass(60_000);
            tab = newTab();
            listen();
            tab.learn("a", server.stateOf("a").known);
          } else if (action.do === "pass") await pass(action.ms);
          else {
            const now = server.stateOf("a");
            const revision = now.known.kind === "absent" ? 0 : now.known.revision;
            if (action.label === null) {
              if (now.mask) server.answer("a", { kind: "remove", revision }, "bob");
            } else {
              const mask = testMask("a", action.label);
              const request = now.mask
                ? ({ kind: "update", mask, revision } as const)
                : ({ kind: "create", mask, restores: revision } as const);
              server.answer("a", request, "bob");
            }
          }
        }
        await pass(600_000);
        expect(journal.pending.size).toBe(0);
        if (wanted === undefined) return;
        // The newest wish reached the server, or is kept beside theirs.
        const labelId = wanted?.labelId ?? null;
        const reached = server.accepted.some(
          (version) => version.by === "ada" && version.labelId === labelId,
        );
        // What a colleague brings back after we were told that it is gone is theirs.
        const isDeletedAlready = labelId === null && server.told.slice(toldBefore).includes(false);
        const kept = [...journal.conflicts.values()].some(({ mine }) => (mine?.labelId ?? null) === labelId);
        expect(reached || kept || isDeletedAlready).toBe(true);
        // Theirs is never replaced by a wish made without having seen it: every update names the revision it is from.
        for (const { theirs: version } of journal.conflicts.values()) expect(version.by).toBe("bob");
      }),
      { numRuns: 300 },
    );
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SaveQueue } from "./saveQueue";
import { ADA, classifyTestFailure, MemoryJournal, testMask, TestServer, TestTabs } from "./testSaving";

describe("the save queue with many masks", () => {
  let server: TestServer;
  let journal: MemoryJournal;
  let tabs: TestTabs;

  function newTab(): SaveQueue {
    const made = new SaveQueue(journal, server.send, classifyTestFailure, tabs.tab(), server.decide);
    made.setUser(ADA);
    return made;
  }
  const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  const wishes = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ maskId: `m${index}`, wanted: testMask(`m${index}`) }));

  beforeEach(() => {
    vi.useFakeTimers();
    server = new TestServer();
    journal = new MemoryJournal();
    tabs = new TestTabs();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("writes a gesture at once, tells of it once, and knows when it is kept", async () => {
    server.failures.push({ kind: "later" });
    const announced = vi.fn();
    tabs.tab().onAnnounced(announced);
    const tab = newTab();
    await pass();
    const shown = vi.fn();
    tab.book.subscribe(shown);
    tab.wantAll(7, wishes(100));
    expect(shown).toHaveBeenCalledOnce();
    expect(tab.book.getStatus()).toMatchObject({ waiting: 100, isKept: true });
    expect(tab.isKept).toBe(false);
    await pass();
    expect(tab.isKept).toBe(true);
    expect(journal.pending.size).toBe(100);
    expect(journal.writes).toEqual([100, 1]);
    expect(announced).toHaveBeenCalledOnce();
  });

  it("reads the journal once for all that other tabs announce meanwhile", async () => {
    newTab();
    await pass();
    const other = tabs.tab();
    journal.loads = 0;
    for (let count = 0; count < 50; count++) other.announce(null);
    await pass();
    // The one under way may have begun before the last change.
    expect(journal.loads).toBe(2);
  });

  it("goes on with the others when the server fails at one, and tries that one again by itself", async () => {
    server.failures.push({ kind: "failed" });
    const tab = newTab();
    tab.wantAll(7, wishes(3));
    await pass();
    expect(server.log.map((line) => line.split(" ")[1])).toEqual(["m0", "m1", "m2"]);
    expect(tab.book.getStatus()).toMatchObject({
      kind: "offline",
      waiting: 1,
      problem: { code: "test.failed" },
    });
    // What is made meanwhile need not wait for it.
    server.failures.push({ kind: "failed" });
    tab.want("new", 7, testMask("new"));
    await pass();
    expect(server.masks.has("new")).toBe(true);
    await pass(30_000);
    expect(tab.book.getStatus()).toMatchObject({ kind: "saved" });
  });

  it("names the images on which something is to be decided", async () => {
    server.failures.push({ kind: "refused" });
    server.masks.set("b", { mask: testMask("b", 5), revision: 4, by: "bob" });
    const tab = newTab();
    tab.learn("b", { kind: "stored", revision: 3 });
    tab.want("a", 7, testMask("a"));
    tab.want("b", 8, testMask("b", 2));
    tab.want("c", 9, testMask("c"));
    await pass();
    expect([...tab.book.getStatus().undecidedImages].sort()).toEqual([7, 8]);
    await tab.discardRefused();
    await tab.dropConflict(tab.book.conflictsOf(8)[0]!.id);
    expect(tab.book.getStatus()).toMatchObject({ kind: "saved", undecidedImages: [] });
  });

  it("stops at once when the server is not reached", async () => {
    server.failures.push({ kind: "later" });
    newTab().wantAll(7, wishes(3));
    await pass();
    expect(server.log).toHaveLength(1);
  });
});

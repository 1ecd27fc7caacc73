import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SaveQueue } from "./saveQueue";
import { ADA, BOB, classifyTestFailure, MemoryJournal, testMask, TestServer, TestTabs } from "./testSaving";

describe("decisions about proposals in the save queue", () => {
  let server: TestServer;
  let journal: MemoryJournal;
  let tabs: TestTabs;

  function newTab(user = ADA): SaveQueue {
    const made = new SaveQueue(journal, server.send, classifyTestFailure, tabs.tab(), server.decide);
    made.setUser(user);
    return made;
  }
  const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  const said = (maskId: string, decision: "reject" | "reopen") => ({ maskId, wanted: null, decision });

  beforeEach(() => {
    vi.useFakeTimers();
    server = new TestServer();
    journal = new MemoryJournal();
    tabs = new TestTabs();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("go out together, image by image, and only the newest of each", async () => {
    const tab = newTab();
    tab.wantAll(7, [said("a", "reject"), said("b", "reject")]);
    tab.wantAll(8, [said("c", "reject")]);
    tab.wantAll(7, [said("b", "reopen")]);
    expect(tab.book.getStatus()).toMatchObject({ kind: "saving", waiting: 3 });
    expect([...tab.book.decisionsFor(7)]).toEqual([["a", "reject"], ["b", "reopen"]]); // prettier-ignore
    await pass();
    expect(server.log).toEqual(["reject a, reopen b on 7", "reject c on 8"]);
    expect(tab.book.getStatus()).toMatchObject({ kind: "saved", waiting: 0 });
    expect(journal.pending.size).toBe(0);
  });

  it("wait in the journal for the network and for the person, as masks do", async () => {
    server.failures.push({ kind: "later" }, { kind: "login" });
    const tab = newTab();
    tab.wantAll(7, [said("a", "reject")]);
    await pass();
    expect(tab.book.getStatus()).toMatchObject({ kind: "offline", waiting: 1, isKept: true });
    await pass(1_000);
    expect(tab.book.getStatus().kind).toBe("login");
    // The tab is gone; somebody else's says nothing of it, the person's next one does.
    const others = newTab(BOB);
    await pass(60_000);
    expect(others.book.getStatus().others).toEqual(["ada"]);
    expect(server.decided.size).toBe(0);
    newTab();
    await pass();
    expect(server.decided.get("a")).toEqual({ decision: "reject", by: "ada" });
  });

  it("open a proposal again only after the mask it had become is gone", async () => {
    const tab = newTab();
    tab.want("a", 7, testMask("a"));
    await pass();
    tab.wantAll(7, [said("a", "reopen")]);
    await pass();
    expect(server.log).toEqual(["create a label 1", "remove a at 1", "reopen a on 7"]);
    tab.want("a", 7, testMask("a"));
    await pass();
    expect(server.log.at(-1)).toBe("restore a label 1 at 1");
  });

  it("are overtaken by an acceptance that follows while they are on their way", async () => {
    const tab = newTab();
    tab.wantAll(7, [said("a", "reject")]);
    await Promise.resolve();
    tab.want("a", 7, testMask("a"));
    await pass();
    expect(server.masks.has("a")).toBe(true);
    expect(tab.book.getStatus().kind).toBe("saved");
    expect(server.log.at(-1)).toBe("create a label 1");
  });

  it("that are refused wait for a word, and are given up or said again", async () => {
    server.failures.push({ kind: "refused" });
    const tab = newTab();
    tab.wantAll(7, [said("a", "reject"), said("b", "reject")]);
    await pass();
    expect(tab.book.getStatus()).toMatchObject({ kind: "refused", waiting: 2, undecidedImages: [7] });
    tab.retryNow();
    await pass();
    expect(server.decided.size).toBe(2);
  });
});

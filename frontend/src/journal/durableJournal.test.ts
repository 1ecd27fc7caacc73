import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ChangeKey, JournalChange } from "../state/journal";
import { ABSENT, type Conflict, type PendingChange, type Settlement } from "../state/pendingChange";
import { sameMask } from "../state/sameMask";
import { ADA, BOB, testMask } from "../state/testSaving";
import { DatabaseDoor } from "./database";
import { DurableJournal } from "./durableJournal";
import { packMask, unpackMask } from "./packing";

const KEY = { ownerId: 1, maskId: "a" };

function pending(labelId: number, owner = ADA): PendingChange {
  const wanted = testMask("a", labelId);
  return {
    owner,
    imageId: 7,
    maskId: "a",
    base: ABSENT,
    wanted,
    decision: null,
    sent: null,
    refusal: null,
    since: 5,
  };
}
const kept = (change: PendingChange | null) => (): Settlement => ({ pending: change, conflict: null });

const change = (journal: DurableJournal, made: JournalChange["change"], key: ChangeKey = KEY) =>
  journal.change([{ key, change: made }]);

const conflict: Conflict = {
  id: "c",
  owner: ADA,
  imageId: 7,
  maskId: "a",
  mine: testMask("a", 2),
  theirs: {
    known: { kind: "stored", revision: 4 },
    mask: testMask("a", 5),
    by: "bob",
    at: "2026-01-01T00:00:00Z",
  },
};

describe("the journal in IndexedDB", () => {
  beforeEach(() => {
    vi.restoreAllMocks();
    globalThis.indexedDB = new IDBFactory();
  });

  it("is read by the next tab as it was written, masks to the run", async () => {
    const first = new DurableJournal(new DatabaseDoor());
    const sent = { ...pending(2), sent: { mask: testMask("a", 1) } };
    await change(first, kept(sent));
    const { pending: read } = await new DurableJournal(new DatabaseDoor()).load();
    expect(read).toEqual([sent]);
    expect(first.isKept).toBe(true);
  });

  it("stores compressed runs and no index for drawing", async () => {
    const door = new DatabaseDoor();
    await change(new DurableJournal(door), kept(pending(2)));
    const [record] = await (await door.open()).getAll("pending");
    expect(record!.format).toBe(1);
    expect(record!.wanted).toMatchObject({ segmentation: { size: [2, 2], counts: "0120" } });
    expect(record!.wanted).not.toHaveProperty("mask");
  });

  it("keeps two people's changes of one mask apart", async () => {
    const journal = new DurableJournal(new DatabaseDoor());
    await change(journal, kept(pending(2)));
    await change(journal, kept(pending(3, BOB)), { ownerId: BOB.id, maskId: "a" });
    await change(journal, kept(null));
    expect((await journal.load()).pending).toMatchObject([{ owner: BOB, wanted: { labelId: 3 } }]);
  });

  it("changes what is stored now, not what this tab believed", async () => {
    const [mine, other] = [new DurableJournal(new DatabaseDoor()), new DurableJournal(new DatabaseDoor())];
    await change(mine, kept(pending(2)));
    await change(other, kept(pending(3)));
    const seen: (number | null | undefined)[] = [];
    await change(mine, (stored) => {
      seen.push(stored?.wanted?.labelId);
      return { pending: stored, conflict: null };
    });
    expect(seen).toEqual([3]);
  });

  it("turns a change into a conflict in one transaction", async () => {
    const journal = new DurableJournal(new DatabaseDoor());
    await change(journal, kept(pending(2)));
    await change(journal, () => ({ pending: null, conflict }));
    const content = await new DurableJournal(new DatabaseDoor()).load();
    expect(content.pending).toEqual([]);
    expect(content.conflicts).toEqual([conflict]);
    expect(sameMask(content.conflicts[0]!.theirs.mask, conflict.theirs.mask)).toBe(true);
    await journal.dropConflict("c");
    expect((await journal.load()).conflicts).toEqual([]);
  });

  it("writes what belongs together in one transaction", async () => {
    const journal = new DurableJournal(new DatabaseDoor());
    await journal.load();
    const begun = vi.spyOn(IDBDatabase.prototype, "transaction");
    const ids = Array.from({ length: 50 }, (_, index) => `m${index}`);
    await journal.change(
      ids.map((maskId) => ({
        key: { ownerId: ADA.id, maskId },
        change: (stored) => ({ pending: { ...pending(2), maskId }, conflict: stored && conflict }),
      })),
    );
    expect(begun).toHaveBeenCalledOnce();
    const read = (await new DurableJournal(new DatabaseDoor()).load()).pending;
    expect(read.map(({ maskId }) => maskId).sort()).toEqual([...ids].sort());
  });

  it("leaves records of another format alone", async () => {
    const door = new DatabaseDoor();
    const journal = new DurableJournal(door);
    await change(journal, kept(pending(2)));
    const database = await door.open();
    const [record] = await database.getAll("pending");
    await database.put("pending", { ...record!, format: 2, maskId: "b" });
    expect((await journal.load()).pending.map(({ maskId }) => maskId)).toEqual(["a"]);
    expect(await database.count("pending")).toBe(2);
  });

  it("goes on in memory where there is no database, and says that it does not keep", async () => {
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("denied", "SecurityError");
    });
    const journal = new DurableJournal(new DatabaseDoor());
    await change(journal, kept(pending(2)));
    await change(journal, (stored) => ({ pending: { ...stored!, since: 9 }, conflict }));
    expect(journal.isKept).toBe(false);
    const { pending: read, conflicts } = await journal.load();
    expect(read).toMatchObject([{ since: 9, wanted: { labelId: 2 } }]);
    expect(conflicts).toEqual([conflict]);
    await change(journal, kept(null));
    await journal.dropConflict("c");
    expect(journal.isKept).toBe(true);
    expect(await journal.load()).toEqual({ pending: [], conflicts: [] });
  });

  it("writes what did not fit once there is room again", async () => {
    const journal = new DurableJournal(new DatabaseDoor());
    await change(journal, kept(pending(2)));
    const put = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    await change(journal, (stored) => ({ pending: { ...stored!, since: 6 }, conflict: null }));
    expect(journal.isKept).toBe(false);
    expect((await journal.load()).pending).toMatchObject([{ since: 6 }]);
    put.mockRestore();
    await change(journal, (stored) => ({ pending: { ...stored!, imageId: 8 }, conflict: null }));
    expect(journal.isKept).toBe(true);
    const { pending: read } = await new DurableJournal(new DatabaseDoor()).load();
    expect(read).toMatchObject([{ since: 6, imageId: 8 }]);
  });
});

it("reads masks that were packed before they knew their tool", () => {
  const { tool, ...old } = packMask(testMask("a"));
  expect(tool).toBe("smart");
  expect(unpackMask(old).tool).toBeNull();
  expect(unpackMask(packMask(testMask("a"))).tool).toBe("smart");
});

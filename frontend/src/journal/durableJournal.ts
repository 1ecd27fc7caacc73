import type { ChangeKey, Journal, JournalChange, JournalContent } from "../state/journal";
import type { Conflict, PendingChange, Settlement } from "../state/pendingChange";
import { FORMAT, type ConflictRecord, type DatabaseDoor, type PendingRecord } from "./database";
import { packOptional, unpackOptional } from "./packing";

/**
 * The journal in IndexedDB. What cannot be written there, for want of space or of a database that works, is held in
 * memory, said so by `isKept`, and written at its next change.
 */
export class DurableJournal implements Journal {
  /** What the database does not hold as it should: null where it should hold nothing. */
  private readonly unwritten = new Map<string, PendingChange | null>();
  private readonly unwrittenConflicts = new Map<string, Conflict | null>();
  private lastRead = new Map<string, PendingChange>();

  constructor(private readonly door: DatabaseDoor) {}

  get isKept(): boolean {
    const changes = [...this.unwritten.values(), ...this.unwrittenConflicts.values()];
    return changes.every((change) => change === null);
  }

  load = async (): Promise<JournalContent> => {
    let conflicts: Conflict[] = [];
    try {
      const database = await this.door.open();
      const [changes, stored] = await Promise.all([database.getAll("pending"), database.getAll("conflicts")]);
      const pending = changes.filter(isReadable).map(unpackChange);
      this.lastRead = new Map(pending.map((change) => [nameOf(change), change]));
      conflicts = stored.filter(isReadable).map(unpackConflict);
    } catch {
      // What this tab knew stays true for it.
    }
    return {
      pending: overlaid(this.lastRead, this.unwritten),
      conflicts: overlaid(
        new Map(conflicts.map((conflict) => [conflict.id, conflict])),
        this.unwrittenConflicts,
      ),
    };
  };

  change = async (changes: readonly JournalChange[]): Promise<void> => {
    try {
      const settlements = await this.write(changes);
      changes.forEach(({ key }, index) => {
        const name = keyName(key);
        const { pending } = settlements[index]!;
        this.unwritten.delete(name);
        if (pending) this.lastRead.set(name, pending);
        else this.lastRead.delete(name);
      });
    } catch {
      for (const { key, change } of changes) {
        const name = keyName(key);
        const held = this.unwritten.get(name);
        const { pending, conflict } = change(held === undefined ? (this.lastRead.get(name) ?? null) : held);
        this.unwritten.set(name, pending);
        if (conflict) this.unwrittenConflicts.set(conflict.id, conflict);
      }
    }
  };

  dropConflict = async (id: string): Promise<void> => {
    try {
      await (await this.door.open()).delete("conflicts", id);
      this.unwrittenConflicts.delete(id);
    } catch {
      this.unwrittenConflicts.set(id, null);
    }
  };

  /** One transaction: read, change, write, with the conflicts that came of it. One wait for the disk, not one each. */
  private async write(changes: readonly JournalChange[]): Promise<Settlement[]> {
    const database = await this.door.open();
    // Strict: "written" is to mean on the disk, before a request goes out.
    const transaction = database.transaction(["pending", "conflicts"], "readwrite", { durability: "strict" });
    const table = transaction.objectStore("pending");
    const stored = await Promise.all(
      changes.map(async ({ key }) => {
        const held = this.unwritten.get(keyName(key));
        if (held !== undefined) return held;
        const record = await table.get([key.ownerId, key.maskId]);
        return record && isReadable(record) ? unpackChange(record) : null;
      }),
    );
    const settlements = changes.map(({ change }, index) => change(stored[index]!));
    const writes = changes.flatMap(({ key }, index) => {
      const { pending, conflict } = settlements[index]!;
      return [
        pending ? table.put(packChange(pending)) : table.delete([key.ownerId, key.maskId]),
        ...(conflict ? [transaction.objectStore("conflicts").put(packConflict(conflict))] : []),
      ];
    });
    await Promise.all([...writes, transaction.done]);
    return settlements;
  }
}

function overlaid<Kept>(stored: ReadonlyMap<string, Kept>, over: ReadonlyMap<string, Kept | null>): Kept[] {
  return [...new Map<string, Kept | null>([...stored, ...over]).values()].filter((kept) => kept !== null);
}

function nameOf({ owner, maskId }: PendingChange): string {
  return keyName({ ownerId: owner.id, maskId });
}

function keyName({ ownerId, maskId }: ChangeKey): string {
  return `${ownerId} ${maskId}`;
}

function isReadable(record: { readonly format: number }): boolean {
  return record.format === FORMAT;
}

function packChange(change: PendingChange): PendingRecord {
  const wanted = packOptional(change.wanted);
  // Usually the same mask; one object is stored once.
  const isSame = change.sent?.mask === change.wanted;
  const sent = change.sent && { mask: isSame ? wanted : packOptional(change.sent.mask) };
  return { ...change, format: FORMAT, wanted, sent };
}

function unpackChange({ format, ...record }: PendingRecord): PendingChange {
  const wanted = unpackOptional(record.wanted);
  const isSame = record.sent?.mask === record.wanted;
  const sent = record.sent && { mask: isSame ? wanted : unpackOptional(record.sent.mask) };
  return { ...record, decision: record.decision ?? null, wanted, sent };
}

function packConflict(conflict: Conflict): ConflictRecord {
  const theirs = { ...conflict.theirs, mask: packOptional(conflict.theirs.mask) };
  return { ...conflict, format: FORMAT, mine: packOptional(conflict.mine), theirs };
}

function unpackConflict({ format, ...record }: ConflictRecord): Conflict {
  const theirs = { ...record.theirs, mask: unpackOptional(record.theirs.mask) };
  return { ...record, mine: unpackOptional(record.mine), theirs };
}

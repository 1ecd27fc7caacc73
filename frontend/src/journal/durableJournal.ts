import type { ChangeKey, Journal, JournalContent } from "../state/journal";
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

  change = async (
    { ownerId, maskId }: ChangeKey,
    change: (stored: PendingChange | null) => Settlement,
  ): Promise<void> => {
    const name = `${ownerId} ${maskId}`;
    try {
      const { pending } = await this.write(ownerId, maskId, change);
      this.unwritten.delete(name);
      this.remember(name, pending);
    } catch {
      const { pending, conflict } = change(this.held(name) ?? this.lastRead.get(name) ?? null);
      this.unwritten.set(name, pending);
      if (conflict) this.unwrittenConflicts.set(conflict.id, conflict);
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

  private held(name: string): PendingChange | null | undefined {
    return this.unwritten.get(name);
  }

  /** One transaction: read, change, write, with the conflict that came of it. */
  private async write(
    ownerId: number,
    maskId: string,
    change: (stored: PendingChange | null) => Settlement,
  ): Promise<Settlement> {
    const database = await this.door.open();
    // Strict: "written" is to mean on the disk, before a request goes out.
    const transaction = database.transaction(["pending", "conflicts"], "readwrite", { durability: "strict" });
    const table = transaction.objectStore("pending");
    const held = this.held(`${ownerId} ${maskId}`);
    const record = held === undefined ? await table.get([ownerId, maskId]) : undefined;
    const settlement = change(held ?? (record && isReadable(record) ? unpackChange(record) : null));
    const { pending, conflict } = settlement;
    const writes = [
      pending ? table.put(packChange(pending)) : table.delete([ownerId, maskId]),
      ...(conflict ? [transaction.objectStore("conflicts").put(packConflict(conflict))] : []),
    ];
    await Promise.all([...writes, transaction.done]);
    return settlement;
  }

  private remember(name: string, pending: PendingChange | null): void {
    if (pending) this.lastRead.set(name, pending);
    else this.lastRead.delete(name);
  }
}

function overlaid<Kept>(stored: ReadonlyMap<string, Kept>, over: ReadonlyMap<string, Kept | null>): Kept[] {
  return [...new Map<string, Kept | null>([...stored, ...over]).values()].filter((kept) => kept !== null);
}

function nameOf({ owner, maskId }: PendingChange): string {
  return `${owner.id} ${maskId}`;
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
  return { ...record, wanted, sent };
}

function packConflict(conflict: Conflict): ConflictRecord {
  const theirs = { ...conflict.theirs, mask: packOptional(conflict.theirs.mask) };
  return { ...conflict, format: FORMAT, mine: packOptional(conflict.mine), theirs };
}

function unpackConflict({ format, ...record }: ConflictRecord): Conflict {
  const theirs = { ...record.theirs, mask: unpackOptional(record.theirs.mask) };
  return { ...record, mine: unpackOptional(record.mine), theirs };
}

import { NO_STEPS, type ChangeSet, type Steps } from "../state/history";
import { FORMAT, type Database, type DatabaseDoor, type HistoryRecord, type StepRecord } from "./database";
import { charactersOf, packOptional, unpackOptional } from "./packing";

/** What is kept: of an image as many of the newest steps as fit both bounds, of a browser so many images. */
export interface HistoryLimits {
  readonly steps: number;
  readonly characters: number;
  readonly images: number;
}

const LIMITS: HistoryLimits = { steps: 200, characters: 8_000_000, images: 40 };

interface Packed {
  readonly record: StepRecord;
  readonly characters: number;
}

/** The undo history of one person on one image across reloads; of a step only what it did to masks. */
export class ImageHistory {
  private readonly packed = new WeakMap<ChangeSet, Packed>();
  private stored = new Set<string>();
  private waiting: Steps | null = null;
  private writing: Promise<void> | null = null;

  constructor(
    private readonly door: DatabaseDoor,
    private readonly ownerId: number,
    private readonly imageId: number,
    private readonly limits = LIMITS,
  ) {}

  /** The steps of the last visit; none where nothing can be read. */
  async load(): Promise<Steps> {
    try {
      const database = await this.door.open();
      const record = await database.get("histories", [this.ownerId, this.imageId]);
      if (record?.format !== FORMAT) return NO_STEPS;
      const [done, undone] = await Promise.all([
        this.read(database, record.done),
        this.read(database, record.undone),
      ]);
      return { done, undone };
    } catch {
      return NO_STEPS;
    }
  }

  /** Keeps these steps; while some are being written only the newest wait. Undoing is a comfort: failures are silent. */
  save(steps: Steps): void {
    this.waiting = steps;
    this.writing ??= this.drain().finally(() => (this.writing = null));
  }

  private async drain(): Promise<void> {
    while (this.waiting) {
      const steps = this.waiting;
      this.waiting = null;
      await this.write(steps).catch(() => undefined);
    }
  }

  private async read(database: Database, ids: readonly string[]): Promise<ChangeSet[]> {
    const records = await Promise.all(ids.map((id) => database.get("steps", id)));
    // Another tab on the same image may have thrown some away.
    return records.filter((record) => record !== undefined).map((record) => this.unpack(record));
  }

  private async write(steps: Steps): Promise<void> {
    const { done, undone } = this.bounded(steps);
    const database = await this.door.open();
    const transaction = database.transaction(["histories", "steps"], "readwrite");
    const [histories, table] = [transaction.objectStore("histories"), transaction.objectStore("steps")];
    const before = await histories.get([this.ownerId, this.imageId]);
    const records = [...done, ...undone];
    const ids = new Set(records.map(({ id }) => id));
    const gone = [...(before?.done ?? []), ...(before?.undone ?? [])].filter((id) => !ids.has(id));
    const record: HistoryRecord = {
      format: FORMAT,
      ownerId: this.ownerId,
      imageId: this.imageId,
      done: done.map(({ id }) => id),
      undone: undone.map(({ id }) => id),
      savedAt: Date.now(),
    };
    await Promise.all([
      ...gone.map((id) => table.delete(id)),
      ...records.filter(({ id }) => !this.stored.has(id)).map((step) => table.put(step)),
      histories.put(record),
      transaction.done,
    ]);
    this.stored = ids;
    await forgetOldHistories(database, this.limits.images);
  }

  /** The newest steps that fit, of those done and of those that can be done again. */
  private bounded({ done, undone }: Steps): { done: StepRecord[]; undone: StepRecord[] } {
    let characters = 0;
    const newest = (steps: readonly ChangeSet[]): StepRecord[] => {
      const kept: StepRecord[] = [];
      for (const step of [...steps].reverse()) {
        if (step.masks.length === 0 && step.rejections.length === 0) continue;
        const packed = this.pack(step);
        characters += packed.characters;
        if (kept.length === this.limits.steps || characters > this.limits.characters) break;
        kept.unshift(packed.record);
      }
      return kept;
    };
    return { done: newest(done), undone: newest(undone) };
  }

  private pack(step: ChangeSet): Packed {
    const known = this.packed.get(step);
    if (known) return known;
    const masks = step.masks.map(({ id, before, after }) => {
      const packedBefore = packOptional(before);
      if (!before || !after || before.mask.rle !== after.mask.rle) {
        return { id, before: packedBefore, after: packOptional(after) };
      }
      const { mask, ...rest } = after;
      return { id, before: packedBefore, after: rest };
    });
    const packed = packedOf({ id: crypto.randomUUID(), masks, rejections: step.rejections });
    this.packed.set(step, packed);
    return packed;
  }

  private unpack(record: StepRecord): ChangeSet {
    const masks = record.masks.map(({ id, before: packedBefore, after }) => {
      const before = unpackOptional(packedBefore);
      if (after === null || "segmentation" in after) return { id, before, after: unpackOptional(after) };
      if (!before) throw new RangeError(`a step of the history has no runs for mask ${id}`);
      return { id, before, after: { tool: null, modelSegmentation: null, ...after, mask: before.mask } };
    });
    const step = { masks, draft: null, rejections: record.rejections ?? [] };
    this.packed.set(step, packedOf(record));
    this.stored.add(record.id);
    return step;
  }
}

function packedOf(record: StepRecord): Packed {
  const characters = record.masks.reduce((sum, { before, after }) => {
    const own = after !== null && "segmentation" in after ? charactersOf(after) : 0;
    return sum + charactersOf(before) + own;
  }, 0);
  return { record, characters };
}

/** Nothing of this person's can be undone any more: what they did is not left to whoever comes next. */
export async function forgetHistoriesOf(door: DatabaseDoor, ownerId: number): Promise<void> {
  try {
    const database = await door.open();
    const transaction = database.transaction(["histories", "steps"], "readwrite");
    // An array comes after every number: all images of this person.
    const theirs = IDBKeyRange.bound([ownerId], [ownerId, []]);
    let cursor = await transaction.objectStore("histories").openCursor(theirs);
    while (cursor) {
      const { done, undone } = cursor.value;
      await Promise.all([...done, ...undone].map((id) => transaction.objectStore("steps").delete(id)));
      await cursor.delete();
      cursor = await cursor.continue();
    }
    await transaction.done;
  } catch {
    // Without a database there is nothing to forget.
  }
}

/** Of all people and images of this browser the latest histories stay. */
async function forgetOldHistories(database: Database, kept: number): Promise<void> {
  const surplus = (await database.count("histories")) - kept;
  if (surplus <= 0) return;
  const transaction = database.transaction(["histories", "steps"], "readwrite");
  let cursor = await transaction.objectStore("histories").index("savedAt").openCursor();
  for (let left = surplus; cursor && left > 0; left--) {
    const { done, undone } = cursor.value;
    await Promise.all([...done, ...undone].map((id) => transaction.objectStore("steps").delete(id)));
    await cursor.delete();
    cursor = await cursor.continue();
  }
  await transaction.done;
}

import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { ChangeSet } from "../state/history";
import type { Conflict, PendingChange, ServerMask } from "../state/pendingChange";
import type { PackedMask } from "./packing";

/** Of every record; one of another format is left where it is, for the version of this application that knows it. */
export const FORMAT = 1;

export type PendingRecord = Omit<PendingChange, "wanted" | "sent" | "decision"> & {
  readonly format: number;
  readonly wanted: PackedMask | null;
  readonly sent: { readonly mask: PackedMask | null } | null;
  /** Missing in what was kept before proposals were decided about. */
  readonly decision?: PendingChange["decision"];
};

export type ConflictRecord = Omit<Conflict, "mine" | "theirs"> & {
  readonly format: number;
  readonly mine: PackedMask | null;
  readonly theirs: Omit<ServerMask, "mask"> & { readonly mask: PackedMask | null };
};

export interface StepRecord {
  readonly id: string;
  readonly masks: readonly {
    readonly id: string;
    readonly before: PackedMask | null;
    /** The mask afterwards, without its runs where they are those of before: relabelling a thousand masks moves no pixel. */
    readonly after: PackedMask | Omit<PackedMask, "segmentation"> | null;
  }[];
  /** Missing where none was. */
  readonly rejections?: ChangeSet["rejections"];
}

/** The steps of one person on one image, by their ids, oldest first. */
export interface HistoryRecord {
  readonly format: number;
  readonly ownerId: number;
  readonly imageId: number;
  readonly done: readonly string[];
  readonly undone: readonly string[];
  /** Milliseconds since 1970. */
  readonly savedAt: number;
}

interface Tables extends DBSchema {
  pending: { key: [number, string]; value: PendingRecord };
  conflicts: { key: string; value: ConflictRecord };
  histories: { key: [number, number]; value: HistoryRecord; indexes: { savedAt: number } };
  steps: { key: string; value: StepRecord };
}

export type Database = IDBPDatabase<Tables>;

const NAME = "anymask";

/** Opens the database once and again after it was lost. Throws where the browser offers none. */
export class DatabaseDoor {
  private opening: Promise<Database> | null = null;

  open(): Promise<Database> {
    if (!this.opening) {
      const opening = openTables(() => (this.opening = null));
      this.opening = opening;
      opening.catch(() => (this.opening = null));
    }
    return this.opening;
  }
}

function openTables(onLost: () => void): Promise<Database> {
  return openDB<Tables>(NAME, FORMAT, {
    upgrade(database) {
      database.createObjectStore("pending", { keyPath: ["owner.id", "maskId"] });
      database.createObjectStore("conflicts", { keyPath: "id" });
      database
        .createObjectStore("histories", { keyPath: ["ownerId", "imageId"] })
        .createIndex("savedAt", "savedAt");
      database.createObjectStore("steps", { keyPath: "id" });
    },
    // A newer version in another tab waits for this connection to end.
    blocking: (_current, _blocked, event) => {
      (event.target as IDBDatabase).close();
      onLost();
    },
    terminated: onLost,
  });
}

import type { Conflict, PendingChange, ServerMask, Settlement } from "./pendingChange";

/** Which change: one per person and mask. */
export interface ChangeKey {
  readonly ownerId: number;
  readonly maskId: string;
}

export interface JournalContent {
  readonly pending: readonly PendingChange[];
  readonly conflicts: readonly Conflict[];
}

/** What becomes of one change, made from what is stored of it now. */
export interface JournalChange {
  readonly key: ChangeKey;
  readonly change: (stored: PendingChange | null) => Settlement;
}

/** Where changes wait until the server has them; outlives the tab when it can. */
export interface Journal {
  /** What waits, of everybody who works in this browser. */
  load(): Promise<JournalContent>;
  /** Reads, changes and writes all of them as a whole, conflicts that came of it included. Never fails. */
  change(changes: readonly JournalChange[]): Promise<void>;
  dropConflict(id: string): Promise<void>;
  /** False while something waits that would be lost with the tab. */
  readonly isKept: boolean;
}

/** What one tab tells the others: the journal changed, and what the server was heard to hold. */
export interface News {
  readonly imageId: number;
  readonly maskId: string;
  readonly server: ServerMask;
}

/** The other tabs of this browser. */
export interface Tabs {
  /** Runs the work while no other tab runs any. */
  exclusively(work: () => Promise<void>): Promise<void>;
  /** Tells the other tabs to look at the journal again, and some news. */
  announce(news: News | null): void;
  onAnnounced(listener: (news: News | null) => void): void;
}

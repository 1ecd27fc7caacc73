import { Listeners } from "../common/listeners";
import type { SavedMask } from "./annotation";
import type { ProposalDecision } from "./decisions";
import type { ChangeKey, Journal, JournalChange } from "./journal";
import type { Conflict, PendingChange, Person } from "./pendingChange";
import { ALL_SAVED, saveStatus, type SaveFailure, type SaveStatus } from "./saveStatus";

/** The journal as this tab sees it, its own changes ahead of their writing, and what is to be shown of it. */
export class ChangeBook {
  private user: Person | null = null;
  private pending = new Map<string, PendingChange>();
  private conflicts: readonly Conflict[] = [];
  private trouble: SaveFailure | null = null;
  private status: SaveStatus = ALL_SAVED;
  private readonly listeners = new Listeners();
  readonly subscribe = this.listeners.subscribe;
  private writes: Promise<unknown> = Promise.resolve();
  private written = 0;
  private reloading: Promise<void> | null = null;
  private reloadAfter: Promise<void> | null = null;

  constructor(private readonly journal: Journal) {}

  getStatus = (): SaveStatus => this.status;
  getConflicts = (): readonly Conflict[] => this.conflicts;

  get owner(): Person | null {
    return this.user;
  }

  setUser(user: Person | null): void {
    this.user = user;
    this.publish();
  }

  /** What stopped the sending; null while nothing does. */
  setTrouble(trouble: SaveFailure | null): void {
    this.trouble = trouble;
    this.publish();
  }

  /** Own changes in the order in which they were first wanted. */
  own(): PendingChange[] {
    const own = [...this.pending.values()].filter(({ owner }) => owner.id === this.user?.id);
    return own.sort((a, b) => a.since - b.since);
  }

  /** What is not on the server yet for an image: to lay over what the server tells. */
  waitingFor(imageId: number): ReadonlyMap<string, SavedMask | null> {
    const waiting = this.own().filter((change) => change.imageId === imageId);
    return new Map(waiting.map(({ maskId, wanted }) => [maskId, wanted]));
  }

  /** What of an image's proposals was decided and the server does not know yet. */
  decisionsFor(imageId: number): ReadonlyMap<string, ProposalDecision> {
    const own = this.own().filter((change) => change.imageId === imageId);
    return new Map(own.flatMap(({ maskId, decision }) => (decision ? [[maskId, decision] as const] : [])));
  }

  conflictsOf(imageId: number): Conflict[] {
    return this.conflicts.filter(
      (conflict) => conflict.owner.id === this.user?.id && conflict.imageId === imageId,
    );
  }

  /** The change as this tab sees it now. */
  current(key: ChangeKey): PendingChange | null {
    return this.pending.get(nameOf(key)) ?? null;
  }

  /** One change of the journal, shown at once. Done when it is written. */
  change(key: ChangeKey, change: JournalChange["change"]): Promise<void> {
    return this.changeAll([{ key, change }]);
  }

  /** What belongs together, shown and written as one: either the journal has all of it or nothing. */
  async changeAll(changes: readonly JournalChange[]): Promise<void> {
    for (const { key, change } of changes) {
      const { pending, conflict } = change(this.current(key));
      if (pending) this.pending.set(nameOf(key), pending);
      else this.pending.delete(nameOf(key));
      if (conflict) this.conflicts = [...this.conflicts, conflict];
    }
    this.publish();
    await this.write(() => this.journal.change(changes));
    this.publish();
  }

  async dropConflict(id: string): Promise<void> {
    this.conflicts = this.conflicts.filter((conflict) => conflict.id !== id);
    this.publish();
    await this.write(() => this.journal.dropConflict(id));
  }

  /** Looks at the journal again: other tabs write there too. Whoever asks while it is being read shares the next look. */
  reload(): Promise<void> {
    if (this.reloading) {
      this.reloadAfter ??= this.reloading.then(() => {
        this.reloadAfter = null;
        return this.reload();
      });
      return this.reloadAfter;
    }
    this.reloading = this.read().finally(() => (this.reloading = null));
    return this.reloading;
  }

  private async read(): Promise<void> {
    let content;
    let written;
    do {
      // What is written meanwhile is not in what was read.
      written = this.written;
      content = await this.inOrder(() => this.journal.load());
    } while (written !== this.written);
    this.pending = new Map(content.pending.map((change) => [nameOf(keyOf(change)), change]));
    this.conflicts = content.conflicts;
    this.publish();
  }

  private write(write: () => Promise<void>): Promise<void> {
    this.written += 1;
    return this.inOrder(write);
  }

  private inOrder<Result>(step: () => Promise<Result>): Promise<Result> {
    const done = this.writes.then(step);
    this.writes = done.catch(() => undefined);
    return done;
  }

  private publish(): void {
    const pending = [...this.pending.values()];
    this.status = saveStatus(this.user, pending, this.conflicts, this.trouble, this.journal.isKept);
    this.listeners.tell();
  }
}

export function keyOf({ owner, maskId }: PendingChange): ChangeKey {
  return { ownerId: owner.id, maskId };
}

function nameOf({ ownerId, maskId }: ChangeKey): string {
  return `${ownerId} ${maskId}`;
}

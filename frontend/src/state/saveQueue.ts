import type { SavedMask } from "./annotation";

/** How a mask reaches the server; the pages hand in the API's functions. */
export interface MaskTransport {
  create(imageId: number, mask: SavedMask): Promise<{ revision: number }>;
  update(mask: SavedMask, revision: number): Promise<{ revision: number }>;
  remove(id: string, revision: number): Promise<void>;
}

/** A failure as the queue needs to see it. */
export interface SaveFailure {
  /** `stale`: somebody else changed it first; `gone`: it no longer exists; `later`: worth trying again. */
  readonly kind: "stale" | "gone" | "later" | "refused";
  readonly code: string;
  readonly message: string;
}

export type SaveStatus =
  | { readonly kind: "saved" }
  | { readonly kind: "saving"; readonly waiting: number }
  | { readonly kind: "failed"; readonly waiting: number; readonly code: string; readonly message: string };

interface Wanted {
  readonly imageId: number;
  /** The mask as it should be, null when it should not be. */
  readonly mask: SavedMask | null;
}

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

/**
 * Brings the server to the wanted state, one request at a time and the newest state per mask only. A mask's id is
 * made here, so a create that was sent twice is saved once. What fails for a passing reason is tried again with
 * growing pauses; what is refused stays, shown, until it is retried by hand or changed.
 */
export class SaveQueue {
  private readonly wanted = new Map<string, Wanted>();
  private readonly revisions = new Map<string, number>();
  /** Creates whose answer never came: the server may hold them, at a revision not known yet. */
  private readonly unanswered = new Map<string, SavedMask>();
  private readonly refused = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private status: SaveStatus = { kind: "saved" };
  private isRunning = false;
  private delayMs = FIRST_DELAY_MS;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly transport: MaskTransport,
    private readonly classify: (error: unknown) => SaveFailure,
    /** Somebody else won: drop our change of this mask and look at the server's state. */
    private readonly onConflict: (id: string, imageId: number, error: unknown) => void,
  ) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getStatus = (): SaveStatus => this.status;

  /** Tells the queue what the server holds. */
  learn(id: string, revision: number | null): void {
    if (revision === null) this.revisions.delete(id);
    else this.revisions.set(id, revision);
  }

  /** The mask should be as given, or not be. */
  want(id: string, imageId: number, mask: SavedMask | null): void {
    this.wanted.set(id, { imageId, mask });
    this.refused.delete(id);
    this.publish(null);
    void this.run();
  }

  /** What is not on the server yet for an image: to lay over what the server tells. */
  waitingFor(imageId: number): ReadonlyMap<string, SavedMask | null> {
    const entries = [...this.wanted].filter(([, wanted]) => wanted.imageId === imageId);
    return new Map(entries.map(([id, wanted]) => [id, wanted.mask]));
  }

  retryNow(): void {
    this.refused.clear();
    this.delayMs = FIRST_DELAY_MS;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.publish(null);
    void this.run();
  }

  private async run(): Promise<void> {
    if (this.isRunning || this.timer) return;
    this.isRunning = true;
    let failure: SaveFailure | null = null;
    for (;;) {
      const next = [...this.wanted].find(([id]) => !this.refused.has(id));
      if (!next) break;
      const [id, wanted] = next;
      try {
        await this.send(id, wanted);
        if (this.wanted.get(id) === wanted) this.wanted.delete(id);
        this.delayMs = FIRST_DELAY_MS;
      } catch (error) {
        failure = this.classify(error);
        if (this.settle(id, wanted, failure, error)) failure = null;
        else if (failure.kind === "later") break;
      }
      this.publish(failure);
    }
    this.isRunning = false;
    if (failure?.kind === "later") this.pause();
    this.publish(failure);
  }

  private async send(id: string, { imageId, mask }: Wanted): Promise<void> {
    const unanswered = this.unanswered.get(id);
    // The same create again tells the revision of what is stored, whichever of the two was the first.
    if (unanswered && unanswered !== mask) await this.create(imageId, unanswered);
    const revision = this.revisions.get(id);
    if (mask === null) {
      if (revision !== undefined) await this.transport.remove(id, revision);
      this.revisions.delete(id);
    } else if (revision === undefined) {
      await this.create(imageId, mask);
    } else {
      this.revisions.set(id, (await this.transport.update(mask, revision)).revision);
    }
  }

  private async create(imageId: number, mask: SavedMask): Promise<void> {
    this.unanswered.set(mask.id, mask);
    try {
      this.revisions.set(mask.id, (await this.transport.create(imageId, mask)).revision);
    } catch (error) {
      if (this.classify(error).kind !== "later") this.unanswered.delete(mask.id);
      throw error;
    }
    this.unanswered.delete(mask.id);
  }

  /** True when the failure is dealt with; otherwise the mask keeps waiting. */
  private settle(id: string, wanted: Wanted, failure: SaveFailure, error: unknown): boolean {
    if (failure.kind === "later") return false;
    if (failure.kind === "refused") {
      this.refused.add(id);
      return false;
    }
    this.wanted.delete(id);
    this.revisions.delete(id);
    const isDeletionOfTheDeleted = failure.kind === "gone" && wanted.mask === null;
    if (!isDeletionOfTheDeleted) this.onConflict(id, wanted.imageId, error);
    return true;
  }

  private pause(): void {
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.run();
    }, this.delayMs);
    this.delayMs = Math.min(LONGEST_DELAY_MS, this.delayMs * 2);
  }

  private publish(failure: SaveFailure | null): void {
    const waiting = this.wanted.size;
    if (waiting === 0) this.status = { kind: "saved" };
    else if (failure) {
      this.status = { kind: "failed", waiting, code: failure.code, message: failure.message };
    } else this.status = { kind: "saving", waiting };
    for (const listener of this.listeners) listener();
  }
}

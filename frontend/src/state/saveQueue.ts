import type { SavedMask } from "./annotation";
import { ChangeBook, keyOf } from "./changeBook";
import { decidedTogether, decisionSettled, type SendDecisions, type Wanted } from "./decisions";
import type { Journal, News, Tabs } from "./journal";
import {
  ABSENT,
  requestFor,
  settled,
  withRequest,
  withWish,
  type Conflict,
  type Known,
  type PendingChange,
  type Person,
  type SaveAnswer,
  type SaveRequest,
  type Settlement,
} from "./pendingChange";
import { sameMask } from "./sameMask";
import type { SaveFailure } from "./saveStatus";

/** How a change reaches the server; the pages hand in the API. Throws what `classify` understands. */
export type SendChange = (change: PendingChange, request: SaveRequest) => Promise<SaveAnswer>;

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
/** How long another tab may take over what it wrote, before this one does it. */
const TAKE_OVER_MS = 5_000;

const GIVEN_UP = () => ({ pending: null, conflict: null });
const UNREFUSED = (stored: PendingChange | null) => ({
  pending: stored && { ...stored, refusal: null },
  conflict: null,
});

/**
 * Brings the server to the wanted state. Every wish goes to the journal first, the newest per mask only; whichever
 * tab holds the lock sends what waits there for the person logged in, one request at a time. A mask's id is made here,
 * so a create that was sent twice is saved once. What fails for a passing reason is tried again with growing pauses,
 * what is refused waits for a person, and where somebody else was first both versions are kept as a conflict.
 */
export class SaveQueue {
  /** Done once what waited from before is known. */
  readonly ready: Promise<void>;
  readonly book: ChangeBook;
  private readonly known = new Map<string, Known>();
  private wishesUnwritten = 0;
  private readonly newsListeners = new Set<(news: News, conflict: Conflict | null) => void>();
  private isRunning = false;
  private isAskedAgain = false;
  /** What ended the last round of sending early. */
  private stopped: SaveFailure | null = null;
  private delayMs = FIRST_DELAY_MS;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    journal: Journal,
    private readonly send: SendChange,
    private readonly classify: (error: unknown) => SaveFailure,
    private readonly tabs: Tabs,
    private readonly decide: SendDecisions,
  ) {
    this.book = new ChangeBook(journal);
    this.ready = this.book.reload();
    tabs.onAnnounced((news) => void this.hear(news));
  }

  /** Listens for what the server was found to hold instead of our version. Returns the end of it. */
  onNews(listener: (news: News, conflict: Conflict | null) => void): () => void {
    this.newsListeners.add(listener);
    return () => this.newsListeners.delete(listener);
  }

  /** Who is logged in: what waits for them is sent, what waits for others stays. */
  setUser(user: Person | null): void {
    this.book.setUser(user);
    this.stop(null);
    this.wake();
  }

  /** What the server holds of a mask; whoever learns it also shows it, so that wishes are made from it. */
  learn(maskId: string, known: Known): void {
    this.known.set(maskId, known);
  }

  knownOf(maskId: string): Known {
    return this.known.get(maskId) ?? ABSENT;
  }

  /** The mask should be as given, or not be. */
  want(maskId: string, imageId: number, wanted: SavedMask | null): void {
    this.wantAll(imageId, [{ maskId, wanted }]);
  }

  /** What one gesture did: all of it is written at once, however many masks it changed. */
  wantAll(imageId: number, wishes: readonly Wanted[]): void {
    const { owner } = this.book;
    if (!owner) throw new Error("nobody is logged in whose mask this could be");
    const now = Date.now();
    const changes = wishes.map(({ maskId, wanted, decision = null }) => {
      const wish = { owner, imageId, maskId, wanted, decision, known: this.knownOf(maskId), now };
      const change = (stored: PendingChange | null) => ({ pending: withWish(stored, wish), conflict: null });
      return { key: { ownerId: owner.id, maskId }, change };
    });
    this.wishesUnwritten += 1;
    void this.book.changeAll(changes).then(() => {
      this.wishesUnwritten -= 1;
      this.tabs.announce(null);
      this.run();
    });
  }

  /** Whether closing the tab now would lose nothing: every wish is in the journal, and the journal outlives the tab. */
  get isKept(): boolean {
    return this.wishesUnwritten === 0 && this.book.getStatus().isKept;
  }

  /** Somebody decided a conflict; what they chose is wanted before this is called. */
  async dropConflict(id: string): Promise<void> {
    await this.book.dropConflict(id);
    this.tabs.announce(null);
  }

  /** Gives up what the server refused. */
  async discardRefused(): Promise<void> {
    const refused = this.book.own().filter(({ refusal }) => refusal);
    await this.book.changeAll(refused.map((change) => ({ key: keyOf(change), change: GIVEN_UP })));
    this.tabs.announce(null);
  }

  /** Tries everything again at once, what was refused as well. */
  retryNow(): void {
    const refused = this.book.own().filter(({ refusal }) => refusal);
    void this.book.changeAll(refused.map((change) => ({ key: keyOf(change), change: UNREFUSED })));
    this.wake();
  }

  /** There is a reason to believe that what failed for a passing reason works now. */
  wake(): void {
    this.delayMs = FIRST_DELAY_MS;
    this.unpause();
    this.run();
  }

  private async hear(news: News | null): Promise<void> {
    await this.book.reload();
    if (news) this.tell(news, this.conflictAbout(news));
    if (this.next() && !this.isRunning && !this.timer) this.pause(TAKE_OVER_MS);
  }

  private conflictAbout({ imageId, maskId, server }: News): Conflict | null {
    const about = this.book.conflictsOf(imageId).filter((conflict) => conflict.maskId === maskId);
    return about.find(({ theirs }) => theirs.at !== null && theirs.at === server.at) ?? null;
  }

  private tell(news: News, conflict: Conflict | null): void {
    for (const listener of this.newsListeners) listener(news, conflict);
  }

  private run(): void {
    if (this.isRunning) this.isAskedAgain = true;
    else if (!this.timer || !this.isBlocked) void this.rounds();
  }

  /** Whether what stopped the sending would stop any other change too. */
  private get isBlocked(): boolean {
    return this.stopped !== null && this.stopped.kind !== "failed";
  }

  private async rounds(): Promise<void> {
    this.isRunning = true;
    this.unpause();
    try {
      await this.ready;
      do {
        this.isAskedAgain = false;
        if (this.next()) await this.tabs.exclusively(() => this.round());
      } while (this.isWorthAnother());
    } finally {
      this.isRunning = false;
    }
    if (this.stopped?.kind !== "later" && this.stopped?.kind !== "failed") return;
    this.pause(this.delayMs);
    this.delayMs = Math.min(LONGEST_DELAY_MS, this.delayMs * 2);
  }

  private isWorthAnother(): boolean {
    return this.isAskedAgain && !this.isBlocked;
  }

  /** Sends what waits until nothing does, or until something stops it. */
  private async round(): Promise<void> {
    // Another tab may have sent some of it while this one waited for its turn.
    await this.book.reload();
    const failed = new Set<string>();
    let stumble: SaveFailure | null = null;
    for (let next = this.next(); next; next = this.next(failed)) {
      const failure = await this.deliver(next, failed);
      if (failure && failure.kind !== "failed") {
        this.stop(failure);
        return;
      }
      if (!failure) continue;
      stumble = failure;
      failed.add(next.maskId);
    }
    this.stop(stumble);
  }

  private stop(failure: SaveFailure | null): void {
    this.stopped = failure;
    this.book.setTrouble(failure);
  }

  private next(except?: ReadonlySet<string>): PendingChange | undefined {
    return this.book.own().find(({ refusal, maskId }) => !refusal && !except?.has(maskId));
  }

  private async deliver(change: PendingChange, failed: Set<string>): Promise<SaveFailure | null> {
    const key = keyOf(change);
    const request = requestFor(change);
    if (!request) {
      await this.book.change(key, GIVEN_UP);
      return null;
    }
    if (request.kind === "decide") return this.deliverDecisions(change, failed);
    await this.book.change(key, (stored) => ({
      pending: withRequest(stored ?? change, request),
      conflict: null,
    }));
    try {
      await this.settle(change, request, await this.send(change, request));
      this.delayMs = FIRST_DELAY_MS;
      if (this.stopped) this.stop(null);
      return null;
    } catch (error) {
      return this.fail(change, request, this.classify(error));
    }
  }

  private async deliverDecisions(first: PendingChange, failed: Set<string>): Promise<SaveFailure | null> {
    const waiting = this.book.own().filter(({ maskId }) => !failed.has(maskId));
    const changes = decidedTogether(waiting, first);
    const settle = (settled: (stored: PendingChange | null, asked: PendingChange) => Settlement) =>
      this.book.changeAll(
        changes.map((asked) => ({ key: keyOf(asked), change: (stored) => settled(stored, asked) })),
      );
    try {
      const decisions = new Map(changes.map(({ maskId, decision }) => [maskId, decision!]));
      await this.decide(first.owner, first.imageId, decisions);
      await settle(decisionSettled);
      this.delayMs = FIRST_DELAY_MS;
      if (this.stopped) this.stop(null);
      this.tabs.announce(null);
      return null;
    } catch (error) {
      const { kind, code, message } = this.classify(error);
      for (const { maskId } of changes) failed.add(maskId);
      if (kind !== "refused" && kind !== "gone") return { kind, code, message };
      const refusal = { code, message };
      await settle((stored, asked) => {
        const { pending } = decisionSettled(stored, asked);
        return {
          pending: pending ?? (kind === "gone" || !stored ? null : { ...stored, refusal }),
          conflict: null,
        };
      });
      return null;
    }
  }

  private async settle(change: PendingChange, request: SaveRequest, answer: SaveAnswer): Promise<void> {
    const { imageId, maskId } = change;
    const conflictId = crypto.randomUUID();
    const settle = (stored: PendingChange | null) => settled(stored ?? change, request, answer, conflictId);
    const { conflict } = settle(this.book.current(keyOf(change)));
    const asked = request.kind === "remove" ? null : request.mask;
    const server =
      answer.kind === "differs"
        ? answer.server
        : { known: answer.known, mask: asked, by: change.owner.name, at: null };
    // At once: a wish that comes before the journal is written must be made from what is known now.
    if (!conflict) this.learn(maskId, server.known);
    await this.book.change(keyOf(change), settle);
    if (conflict) this.tell({ imageId, maskId, server }, conflict);
    this.tabs.announce({ imageId, maskId, server });
  }

  private async fail(
    change: PendingChange,
    request: SaveRequest,
    failure: SaveFailure,
  ): Promise<SaveFailure | null> {
    if (failure.kind !== "refused" && failure.kind !== "gone") return failure;
    const isDone = failure.kind === "gone" && request.kind === "remove";
    const { code, message } = failure;
    const asked = request.kind === "remove" ? null : request.mask;
    await this.book.change(keyOf(change), (stored) => {
      if (isDone || !stored) return GIVEN_UP();
      const refusal = sameMask(stored.wanted, asked) ? { code, message } : null;
      return { pending: { ...stored, sent: null, refusal }, conflict: null };
    });
    return null;
  }

  /** Background tabs get their timers late, once a minute at worst; `wake` does not wait for them. */
  private pause(delayMs: number): void {
    this.unpause();
    this.timer = setTimeout(() => {
      this.timer = null;
      this.run();
    }, delayMs);
  }

  private unpause(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}

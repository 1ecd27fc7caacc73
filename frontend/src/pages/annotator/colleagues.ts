import { isLoggedOut } from "../../api/errors";
import { fetchMaskChanges } from "../../api/masks";
import type { MaskChanges } from "../../api/types";
import * as actions from "../../state/actions";
import type { SavedMask } from "../../state/annotation";
import { knownOrder, type ServerMask } from "../../state/pendingChange";
import { sameMask } from "../../state/sameMask";
import type { SaveQueue } from "../../state/saveQueue";
import type { AnnotationStore } from "../../state/store";
import { deletedMaskOf, serverMaskOf } from "./records";

const POLL_MS = 3_000;
const LONGEST_POLL_MS = 30_000;
/** A request that hangs, as over a connection that is gone, would be the last one. */
const LONGEST_ANSWER_MS = 15_000;

interface Options {
  readonly imageId: number;
  /** Where the masks in the store were read. */
  readonly cursor: string;
  readonly store: AnnotationStore;
  readonly queue: SaveQueue;
  /** Whether this person is working on a mask right now: theirs must not slip under their hands. */
  readonly isInHand: (maskId: string) => boolean;
  readonly onLoggedOut: () => void;
  /** The server answered; whoever is logged in may see this image. */
  readonly onAnswered: () => void;
}

/**
 * Brings what colleagues did to an image into the store, within seconds while the tab is seen. A mask with a change of
 * ours on its way is left alone: if theirs came first, the server says so and both versions are kept.
 */
export class Colleagues {
  private cursor: string;
  private readonly deferred = new Map<string, ServerMask>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private asking: AbortController | null = null;
  private delayMs = POLL_MS;

  constructor(private readonly options: Options) {
    this.cursor = options.cursor;
  }

  /** Begins to listen. Returns the end of it. */
  enter(): () => void {
    const leaveNews = this.options.queue.onNews(({ imageId, maskId, server }) => {
      if (imageId === this.options.imageId) this.receive(maskId, server);
    });
    const onVisible = () => {
      if (document.visibilityState === "visible") this.ask();
    };
    const onOnline = () => {
      this.delayMs = POLL_MS;
      this.ask();
    };
    document.addEventListener("visibilitychange", onVisible);
    window.addEventListener("online", onOnline);
    // At once: what was read may have been prefetched a while ago.
    this.ask();
    return () => {
      leaveNews();
      document.removeEventListener("visibilitychange", onVisible);
      window.removeEventListener("online", onOnline);
      if (this.timer) clearTimeout(this.timer);
      this.asking?.abort();
    };
  }

  /** What the server holds of a mask; shown once nobody here works on it. */
  receive(maskId: string, server: ServerMask): void {
    this.defer(maskId, server);
    this.settle();
  }

  private defer(maskId: string, server: ServerMask): void {
    const waiting = this.deferred.get(maskId);
    if (!waiting || knownOrder(waiting.known) <= knownOrder(server.known)) this.deferred.set(maskId, server);
  }

  /** All that can be shown is shown as one change, however many masks somebody changed at once. */
  private settle(): void {
    const { queue, store, imageId, isInHand } = this.options;
    const waiting = queue.book.waitingFor(imageId);
    const { masks } = store.getState();
    const replaced: [string, SavedMask | null][] = [];
    for (const [maskId, { known, mask }] of this.deferred) {
      if (waiting.has(maskId) || isInHand(maskId)) continue;
      this.deferred.delete(maskId);
      if (knownOrder(known) < knownOrder(queue.knownOf(maskId))) continue;
      queue.learn(maskId, known);
      if (!sameMask(masks.get(maskId) ?? null, mask)) replaced.push([maskId, mask]);
    }
    if (replaced.length > 0) store.applyRemote((state) => actions.masksReplaced(state, replaced));
  }

  private schedule(): void {
    this.timer = setTimeout(() => this.ask(), this.delayMs);
  }

  private ask(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    // Nobody looks; becoming visible asks at once.
    if (document.visibilityState !== "visible" || this.asking) return;
    const abort = new AbortController();
    this.asking = abort;
    const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(LONGEST_ANSWER_MS)]);
    fetchMaskChanges(this.options.imageId, this.cursor, signal)
      .then(
        (changes) => {
          this.delayMs = POLL_MS;
          this.options.onAnswered();
          if (!abort.signal.aborted) this.take(changes);
        },
        (error: unknown) => {
          this.delayMs = Math.min(LONGEST_POLL_MS, this.delayMs * 2);
          if (isLoggedOut(error)) this.options.onLoggedOut();
        },
      )
      .finally(() => {
        this.asking = null;
        if (!abort.signal.aborted) this.schedule();
      });
  }

  private take({ cursor, complete, masks, deleted }: MaskChanges): void {
    this.cursor = cursor;
    for (const mask of masks) this.defer(mask.id, serverMaskOf(mask));
    for (const tombstone of deleted) this.defer(tombstone.id, deletedMaskOf(tombstone));
    if (complete) this.dropUntold(new Set(masks.map(({ id }) => id)));
    this.settle();
  }

  /** The server no longer knows our cursor and told all there is: what it did not tell is gone. */
  private dropUntold(told: ReadonlySet<string>): void {
    const { store, queue } = this.options;
    for (const id of store.getState().masks.keys()) {
      const known = queue.knownOf(id);
      if (told.has(id) || known.kind !== "stored") continue;
      this.defer(id, { known: { ...known, kind: "deleted" }, mask: null, by: null, at: null });
    }
  }
}

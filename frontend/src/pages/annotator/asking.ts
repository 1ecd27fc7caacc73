/** A question for a mask, and what is done with its answer, unless it is given up before. */
export interface Question<Found> {
  readonly find: (signal: AbortSignal) => Promise<Found>;
  readonly take: (found: Found) => void;
  readonly fail: (error: unknown) => void;
}

/** One question for a mask at a time: a newer one takes the place of the one on its way. */
export class Asking {
  private pending: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  private closing: { readonly done: Promise<void>; readonly signal: AbortSignal } | null = null;

  get isPending(): boolean {
    return this.pending !== null;
  }

  /** Resolves when the mask being made is closed; null when none is being closed. */
  get closed(): Promise<void> | null {
    return this.closing?.done ?? null;
  }

  ask<Found>({ find, take, fail }: Question<Found>): void {
    this.giveUp();
    const abort = new AbortController();
    const end = (step: () => void) => {
      if (abort.signal.aborted) return;
      this.pending = null;
      step();
    };
    const done = find(abort.signal).then(
      (found) => end(() => take(found)),
      (error: unknown) => end(() => fail(error)),
    );
    this.pending = { abort, done };
  }

  /** Returns whether there was something to give up. */
  giveUp(): boolean {
    if (!this.pending) return false;
    this.pending.abort.abort();
    this.pending = null;
    return true;
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    while (this.pending) await this.pending.done;
  }

  /**
   * Ends the mask being made by `work`, after the question on its way, if any. Giving up the question gives up the work.
   */
  close(work: () => void): void {
    const { pending } = this;
    if (this.closing) return;
    if (!pending) {
      work();
      return;
    }
    const { signal } = pending.abort;
    const done = pending.done.then(() => {
      this.closing = null;
      if (!signal.aborted) work();
    });
    this.closing = { done, signal };
  }

  /** At once, or after the mask that is being closed; not at all where that is given up. */
  whenClosed(step: () => void): void {
    const { closing } = this;
    if (!closing) step();
    else void closing.done.then(() => closing.signal.aborted || step());
  }
}

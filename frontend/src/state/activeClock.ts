/** Longer than this without a sign of the person, and they were not at work. */
export const IDLE_MS = 15_000;

/**
 * How long a person has been at work, from what they did: every event counts the time since the one before, and a gap
 * longer than `IDLE_MS` counts nothing. Moments are milliseconds of `performance.now()`.
 */
export class ActiveClock {
  private activeMs = 0;
  private last: number | null = null;

  /** Something was done: a move, a click, a key. */
  mark(now: number): void {
    this.activeMs = this.activeAt(now);
    this.last = now;
  }

  /** The person looks elsewhere: what follows counts from the next event on. */
  leave(now: number): void {
    this.activeMs = this.activeAt(now);
    this.last = null;
  }

  /** Seconds at work so far. */
  seconds(now: number): number {
    return this.activeAt(now) / 1000;
  }

  /** The same up to the last sign of the person: what followed may yet turn out to be a pause. */
  settledSeconds(): number {
    return this.activeMs / 1000;
  }

  private activeAt(now: number): number {
    if (this.last === null) return this.activeMs;
    const gap = now - this.last;
    return gap > IDLE_MS ? this.activeMs : this.activeMs + Math.max(0, gap);
  }
}

const SIGNS = ["pointerdown", "pointermove", "pointerup", "keydown", "wheel"] as const;

/** Marks the clock at everything that is done in the window, before anything else hears of it. */
export function watchActivity(clock: ActiveClock): void {
  for (const sign of SIGNS) {
    window.addEventListener(sign, () => clock.mark(performance.now()), { capture: true, passive: true });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clock.leave(performance.now());
  });
}

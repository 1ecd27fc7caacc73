import { SupersededError } from "./errors";

interface Waiting<Request, Answer> {
  readonly request: Request;
  readonly priority: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * At most one request runs and at most one waits. A newer request takes the waiting one's place unless that has a
 * higher priority, so a stream of pointer moves never becomes a queue and never pushes a click aside. Whoever
 * loses gets a `SupersededError`; so does whoever aborts, at once, and a running answer is then dropped.
 */
export class LatestWins<Request, Answer> {
  private isRunning = false;
  private next: Waiting<Request, Answer> | null = null;
  private readonly idleWaiters: (() => void)[] = [];

  constructor(private readonly run: (request: Request) => Promise<Answer>) {}

  request(request: Request, priority = 0, signal?: AbortSignal): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (signal?.aborted || (this.next && this.next.priority > priority)) {
        reject(new SupersededError());
        return;
      }
      signal?.addEventListener("abort", () => reject(new SupersededError()), { once: true });
      this.next?.reject(new SupersededError());
      this.next = { request, priority, signal, resolve, reject };
      void this.advance();
    });
  }

  /** Resolves when nothing runs and nothing waits. */
  whenIdle(): Promise<void> {
    if (!this.isRunning && !this.next) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  private async advance(): Promise<void> {
    if (this.isRunning) return;
    while (this.next) {
      const current = this.next;
      this.next = null;
      if (current.signal?.aborted) continue;
      this.isRunning = true;
      try {
        current.resolve(await this.run(current.request));
      } catch (error) {
        current.reject(error);
      }
      this.isRunning = false;
    }
    for (const resolve of this.idleWaiters.splice(0)) resolve();
  }
}

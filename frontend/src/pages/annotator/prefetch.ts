import type { ImageDetail } from "../../api/types";

/** What is fetched of an image ahead of its turn. Every part may fail: opening the image asks again and says why. */
export interface PrefetchParts {
  detail(imageId: number): Promise<ImageDetail>;
  /** The rest, in the order of use; each runs by itself, in a pause. */
  readonly parts: readonly ((image: ImageDetail, signal: AbortSignal) => Promise<void>)[];
  /** Resolves in the next moment in which nobody waits for anything. */
  pause(signal: AbortSignal): Promise<void>;
}

const AHEAD = 2;

/**
 * Fetches what comes next in the work order while there is nothing else to do: the next two images, then the one
 * before; one part at a time. Going somewhere else ends it.
 */
export class Prefetcher {
  private ending: AbortController | null = null;

  constructor(
    private readonly prefetch: PrefetchParts,
    /** People who asked their browser to save data get only what they open. */
    private readonly mustSaveData: () => boolean,
  ) {}

  /** The image worked on now. Resolves when all that follows from it is there, or it was ended. */
  async aim(image: ImageDetail): Promise<void> {
    this.stop();
    if (this.mustSaveData()) return;
    const ending = new AbortController();
    this.ending = ending;
    let next: number | null = image.next_id;
    for (let step = 0; step < AHEAD && next !== null && !ending.signal.aborted; step++) {
      next = (await this.visit(next, ending.signal))?.next_id ?? null;
    }
    if (image.previous_id !== null) await this.visit(image.previous_id, ending.signal);
  }

  stop(): void {
    this.ending?.abort();
    this.ending = null;
  }

  private async visit(imageId: number, signal: AbortSignal): Promise<ImageDetail | null> {
    const image = await this.inPause(signal, () => this.prefetch.detail(imageId));
    if (!image) return null;
    for (const part of this.prefetch.parts) await this.inPause(signal, () => part(image, signal));
    return image;
  }

  /** Null when it was ended or failed. */
  private async inPause<T>(signal: AbortSignal, action: () => Promise<T>): Promise<T | null> {
    try {
      signal.throwIfAborted();
      await this.prefetch.pause(signal);
      signal.throwIfAborted();
      return await action();
    } catch {
      return null;
    }
  }
}

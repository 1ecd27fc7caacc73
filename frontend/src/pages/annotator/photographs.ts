/** Photographs kept loaded besides the one shown: the two ahead and the one before. */
const KEPT = 3;

/**
 * Photographs loaded before they are shown. An image the document holds loaded is shown at once and without a request
 * wherever else it is used under the same url.
 */
export class LoadedPhotographs {
  private readonly images = new Map<string, HTMLImageElement>();

  /** Resolves when it can be drawn. Rejects when it cannot be loaded, or was given up. */
  async load(url: string, signal: AbortSignal): Promise<void> {
    const image = this.images.get(url) ?? new Image();
    this.images.delete(url);
    this.images.set(url, image);
    for (const [oldUrl, old] of this.images) {
      if (this.images.size <= KEPT) break;
      this.drop(oldUrl, old);
    }
    if (image.complete && image.naturalWidth > 0) return;
    const giveUp = () => this.drop(url, image);
    signal.addEventListener("abort", giveUp, { once: true });
    image.fetchPriority = "low";
    image.src = url;
    try {
      await image.decode();
    } catch (error) {
      this.drop(url, image);
      throw error;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  clear(): void {
    for (const [url, image] of this.images) this.drop(url, image);
  }

  private drop(url: string, image: HTMLImageElement): void {
    if (this.images.get(url) === image) this.images.delete(url);
    image.removeAttribute("src");
  }
}

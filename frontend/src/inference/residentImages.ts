/** What is kept of an image: 0 bytes where the server keeps it. */
export interface Resident {
  readonly key: string;
  readonly bytes: number;
  dispose(): void;
}

/** Prepared tensors of the images used last, within a budget. The newest one stays even if it exceeds it alone. */
export class ResidentImages<Image extends Resident> {
  private readonly images = new Map<string, Image>();

  constructor(private readonly budgetBytes: number) {}

  /** The image, now the one used last, or undefined when it was never added or had to go. */
  use(key: string): Image | undefined {
    const image = this.images.get(key);
    if (image) {
      this.images.delete(key);
      this.images.set(key, image);
    }
    return image;
  }

  add(image: Image): void {
    this.images.get(image.key)?.dispose();
    this.images.delete(image.key);
    this.images.set(image.key, image);
    let total = 0;
    for (const { bytes } of this.images.values()) total += bytes;
    for (const old of this.images.values()) {
      if (total <= this.budgetBytes || old === image) break;
      this.images.delete(old.key);
      old.dispose();
      total -= old.bytes;
    }
  }
}

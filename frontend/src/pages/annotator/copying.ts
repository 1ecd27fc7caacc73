import type { Label } from "../../api/types";
import type { Size } from "../../geometry/size";
import { defaultsOf } from "../../state/attributes";
import { fitsImage, masksPasted, selectionCopied, type CopiedMasks } from "../../state/clipboard";
import type { AnnotationStore } from "../../state/store";

/** Masks copied in this tab: they outlive the image they are from. */
export class MaskClipboard {
  private copied: CopiedMasks | null = null;
  private carriedTo: number | null = null;

  get content(): CopiedMasks | null {
    return this.copied;
  }

  put(copied: CopiedMasks): void {
    this.copied = copied;
    this.carriedTo = null;
  }

  /** Another person gets nothing of it. */
  clear(): void {
    this.copied = null;
    this.carriedTo = null;
  }

  /** The masks are to be pasted as soon as that image is opened. */
  carry(copied: CopiedMasks, imageId: number): void {
    this.copied = copied;
    this.carriedTo = imageId;
  }

  /** What was carried to an image, once. */
  unload(imageId: number): CopiedMasks | null {
    if (this.carriedTo !== imageId) return null;
    this.carriedTo = null;
    return this.copied;
  }
}

interface CopyingHost {
  readonly store: AnnotationStore;
  readonly clipboard: MaskClipboard;
  readonly author: string;
  /** Labels of the project, as they are now. */
  labels(): readonly Label[];
  readonly onHint: (message: string) => void;
}

/** Copy and paste of masks on one image and from one to the next. */
export class Copying {
  constructor(private readonly host: CopyingHost) {}

  copy(): void {
    const copied = selectionCopied(this.host.store.getState());
    if (!copied) {
      this.host.onHint("Select a mask first: there is nothing to copy.");
      return;
    }
    this.host.clipboard.put(copied);
    const { length } = copied.masks;
    this.host.onHint(
      `Copied ${length === 1 ? "a mask" : `${length} masks`}, to paste on this or another image.`,
    );
  }

  paste(copied = this.host.clipboard.content): void {
    const { store, author, onHint } = this.host;
    const { size } = store.getState();
    const labels = this.host.labels();
    if (!copied) onHint("Nothing has been copied yet.");
    else if (!fitsImage(copied, size)) onHint(misfit(copied.size, size));
    else {
      const before = store.getState();
      store.apply((state) =>
        masksPasted(state, copied, {
          newId: () => crypto.randomUUID(),
          author,
          labelId: (wanted) =>
            wanted === null || labels.some(({ id }) => id === wanted) ? wanted : state.labelId,
          defaults: (labelId) => defaultsOf(labels, labelId),
        }),
      );
      if (store.getState() === before) onHint("Nothing of the copied masks would be left on this image.");
    }
  }

  /** Takes the selected masks along to another image. Returns whether to go there. */
  carryTo(next: { readonly id: number; readonly size: Size } | null): boolean {
    const copied = selectionCopied(this.host.store.getState());
    if (!copied) this.host.onHint("Select a mask first: there is nothing to take along.");
    else if (!next) this.host.onHint("There is no further image to copy to.");
    else if (!fitsImage(copied, next.size)) this.host.onHint(misfit(copied.size, next.size));
    else {
      this.host.clipboard.carry(copied, next.id);
      return true;
    }
    return false;
  }
}

function misfit(from: Size, to: Size): string {
  const told = ({ width, height }: Size) => `${width} × ${height}`;
  return `The masks are from an image of ${told(from)}, this one is ${told(to)}: the shapes differ too much.`;
}

import { fetchManifest } from "../../api/models";
import type { ImageDetail } from "../../api/types";
import { windowSize } from "../../geometry/crops";
import { modelFrame } from "../../geometry/frames";
import type { IndexedMask } from "../../masks/columns";
import { cutMask } from "../../masks/windows";
import { modelKey, readManifest, type Manifest } from "../../sam/manifest";
import { maskPromptLogits } from "../../sam/maskPrompt";
import type { Candidate } from "../../state/annotation";
import type { Outlook } from "./closerLook";

/** Masks as the decoder takes them for prompts: its own logits where they fit, else made from the pixels. */
export class MaskPrompts {
  private manifest: Promise<Manifest> | null = null;
  /**
   * What the decoder answered in a window says nothing of the image's grid, and the other way round; nor does one
   * model's answer to another model.
   */
  private readonly outlooks = new WeakMap<Float32Array, string>();
  /** While a click is dragged the same mask is asked for again and again. */
  private readonly made = new WeakMap<IndexedMask, { key: string; logits: Float32Array }>();

  constructor(private image: ImageDetail) {}

  /** The image has another embedding, maybe of another model. */
  workWith(image: ImageDetail): void {
    if (modelKey(image.embedding.model) !== modelKey(this.image.embedding.model)) this.manifest = null;
    this.image = image;
  }

  /** Remembers against what the decoder made these candidates. */
  note(candidates: readonly Candidate[], outlook: Outlook): void {
    for (const { lowRes, model } of candidates) {
      if (lowRes) this.outlooks.set(lowRes, this.source(outlook, model));
    }
  }

  /** Whether a mask is the decoder's own answer, made against something else. */
  isFromElsewhere({ lowRes }: Candidate, outlook: Outlook): boolean {
    const from = lowRes ? this.outlooks.get(lowRes) : undefined;
    return from !== undefined && from !== this.source(outlook);
  }

  async logits(previous: Candidate | null, outlook: Outlook): Promise<Float32Array | null> {
    if (!previous) return null;
    const { window } = outlook;
    const key = this.source(outlook);
    if (previous.lowRes && this.outlooks.get(previous.lowRes) === key) return previous.lowRes;
    const known = this.made.get(previous.mask);
    if (known?.key === key) return known.logits;
    const { lowResSize, imageSize, maskThreshold } = await this.readManifest();
    const { rle } = previous.mask;
    const frame = modelFrame(window ? windowSize(window) : rle.size, imageSize);
    const logits = maskPromptLogits(window ? cutMask(rle, window) : rle, lowResSize, frame, maskThreshold);
    this.made.set(previous.mask, { key, logits });
    return logits;
  }

  private source({ key }: Outlook, model = modelKey(this.image.embedding.model)): string {
    return `${key} ${model}`;
  }

  private readManifest(): Promise<Manifest> {
    const { name, version } = this.image.embedding.model;
    this.manifest ??= fetchManifest(name, version).then(readManifest);
    this.manifest.catch(() => (this.manifest = null));
    return this.manifest;
  }
}

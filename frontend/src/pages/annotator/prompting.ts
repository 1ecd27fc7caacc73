import { fetchManifest } from "../../api/models";
import type { ImageDetail } from "../../api/types";
import type { ImageBox } from "../../geometry/boxes";
import { modelFrame } from "../../geometry/frames";
import type { ImagePoint } from "../../geometry/points";
import type { DecoderBridge } from "../../inference/bridge";
import { describeFailure, SupersededError } from "../../inference/errors";
import type { Decoded } from "../../inference/protocol";
import type { Rung } from "../../inference/rungs";
import { indexMask, type IndexedMask } from "../../masks/columns";
import { readManifest, type Manifest } from "../../sam/manifest";
import { maskPromptLogits } from "../../sam/maskPrompt";
import { promptCount, type PointLabel, type Prompts } from "../../sam/prompts";
import * as actions from "../../state/actions";
import { hasDraft, type Candidate } from "../../state/annotation";
import {
  alternativesFound,
  candidateToChoose,
  maskPromptBase,
  promptsCleared,
  type PromptChange,
} from "../../state/refinement";
import type { AnnotationStore } from "../../state/store";

/** What prompting shows besides the store: the preview, and how the last decode went. */
export interface PromptingView {
  readonly preview: Candidate | null;
  /** The mask of prompts that are being dragged, in place of the draft's. */
  readonly dragged: Candidate | null;
  /** The candidate that is pointed at in a list, shown in place of the chosen one. */
  readonly peeked: Candidate | null;
  /** Prompts on their way to the decoder; null when nothing is. */
  readonly pending: Prompts | null;
  readonly lastDecode: { readonly rung: Rung; readonly decodeMs: number; readonly upsampleMs: number } | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export const NOTHING_PROMPTED: PromptingView = {
  preview: null,
  dragged: null,
  peeked: null,
  pending: null,
  lastDecode: null,
  failure: null,
};

interface PromptingHost {
  readonly image: ImageDetail;
  readonly bridge: DecoderBridge;
  readonly store: AnnotationStore;
  view(): PromptingView;
  show(change: Partial<PromptingView>): void;
  /** Somebody has begun to look for a mask; told more than once. */
  onBegun(): void;
}

/** Takes prompts to the decoder and its answers into the store. */
export class Prompting {
  private readonly imageKey: string;
  private manifest: Promise<Manifest> | null = null;
  /** While a click is dragged the same mask is asked for again and again. */
  private readonly maskPrompts = new WeakMap<IndexedMask, Float32Array>();
  private pendingDecode: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  private hoverAbort: AbortController | null = null;
  private dragAbort: AbortController | null = null;
  private isDecoderReady = false;

  constructor(private readonly host: PromptingHost) {
    this.imageKey = String(host.image.id);
  }

  get isReady(): boolean {
    return this.isDecoderReady;
  }

  decoderReady(): void {
    this.isDecoderReady = true;
  }

  /** Nothing is decoded any more. */
  end(): void {
    this.cancel();
    this.drag(null);
    this.hoverAbort?.abort();
  }

  /** Previews the mask under a pixel; only while nothing is being made, so that the draft does not flicker. */
  hover(pixel: ImagePoint | null): void {
    const { bridge, store } = this.host;
    this.hoverAbort?.abort();
    this.hoverAbort = null;
    if (!pixel || !this.isDecoderReady || this.host.view().pending || hasDraft(store.getState().draft)) {
      if (this.host.view().preview) this.host.show({ preview: null });
      return;
    }
    this.host.onBegun();
    const abort = new AbortController();
    this.hoverAbort = abort;
    const prompts: Prompts = { points: [{ point: pixel, label: 1 }], box: null };
    bridge.hover({ image: this.imageKey, prompts, previousLowRes: null }, abort.signal).then(
      (decoded) =>
        this.host.show({ preview: candidatesOf(decoded)[0] ?? null, ...timesOf(decoded), failure: null }),
      (error: unknown) => this.fail(error),
    );
  }

  addPoint(pixel: ImagePoint, label: PointLabel): void {
    const prompts = this.current();
    this.ask({ ...prompts, points: [...prompts.points, { point: pixel, label }] }, "added");
  }

  setBox(box: ImageBox): void {
    this.ask({ ...this.current(), box }, "added");
  }

  /** Shows the mask of prompts under the hand, as fast as they can be decoded; null gives the drag up. */
  drag(prompts: Prompts | null): void {
    if (!prompts) {
      if (!this.dragAbort) return;
      this.dragAbort.abort();
      this.dragAbort = null;
      this.host.show({ dragged: null, pending: null });
      return;
    }
    if (!this.isDecoderReady) return;
    this.hoverAbort?.abort();
    this.pendingDecode?.abort.abort();
    this.pendingDecode = null;
    // One controller for the whole drag: answers that come late are still nearer to the hand than none.
    const { signal } = (this.dragAbort ??= new AbortController());
    this.host.show({ pending: prompts, preview: null });
    this.decode(prompts, "changed", signal).then(
      ({ candidates, chosen, decoded }) => {
        if (!signal.aborted) this.host.show({ dragged: candidates[chosen] ?? null, ...timesOf(decoded) });
      },
      (error: unknown) => this.fail(error),
    );
  }

  peek(candidate: Candidate | null): void {
    if (candidate !== this.host.view().peeked) this.host.show({ peeked: candidate });
  }

  /** Clicks or the box were moved, turned or removed. */
  change(prompts: Prompts): void {
    if (promptCount(prompts) > 0) {
      this.ask(prompts, "changed");
      return;
    }
    this.cancel();
    this.host.store.apply(promptsCleared);
  }

  /** Asks again with the prompts that came back with a saved mask, for the candidates that were not saved. */
  findAlternatives(): void {
    const { store } = this.host;
    const { draft } = store.getState();
    if (!this.isDecoderReady || promptCount(draft.prompts) === 0) return;
    const abort = new AbortController();
    this.hoverAbort = abort;
    this.decode(draft.prompts, "changed", abort.signal).then(
      // Nobody did this: it is no step to undo.
      ({ candidates }) => store.applyRemote((state) => alternativesFound(state, draft, candidates)),
      (error: unknown) => this.fail(error),
    );
  }

  /** Resolves when the decode on its way, if any, has been answered. */
  async settled(): Promise<void> {
    await this.pendingDecode?.done;
  }

  /** Gives up the decode on its way. Returns whether there was one. */
  cancel(): boolean {
    if (!this.pendingDecode) return false;
    this.pendingDecode.abort.abort();
    this.pendingDecode = null;
    this.host.show({ pending: null, dragged: null });
    return true;
  }

  private current(): Prompts {
    return this.host.view().pending ?? this.host.store.getState().draft.prompts;
  }

  private ask(prompts: Prompts, change: PromptChange): void {
    const { store } = this.host;
    if (!this.isDecoderReady || promptCount(prompts) === 0) return;
    this.host.onBegun();
    this.hoverAbort?.abort();
    this.pendingDecode?.abort.abort();
    this.dragAbort?.abort();
    this.dragAbort = null;
    const abort = new AbortController();
    this.host.show({ pending: prompts });
    const done = this.decode(prompts, change, abort.signal).then(
      ({ candidates, chosen, decoded }) => {
        if (abort.signal.aborted) return;
        this.pendingDecode = null;
        store.apply((state) => actions.draftDecoded(state, prompts, candidates, chosen));
        this.host.show({ ...NOTHING_PROMPTED, ...timesOf(decoded) });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        this.pendingDecode = null;
        this.host.show({ pending: null, dragged: null });
        this.fail(error);
      },
    );
    this.pendingDecode = { abort, done };
  }

  private async decode(prompts: Prompts, change: PromptChange, signal: AbortSignal) {
    const state = this.host.store.getState();
    const base = maskPromptBase(state, change);
    const previousLowRes = await this.maskPrompt(base);
    const decoded = await this.host.bridge.decode({ image: this.imageKey, prompts, previousLowRes }, signal);
    const candidates = candidatesOf(decoded);
    return { decoded, candidates, chosen: candidateToChoose(state, candidates, prompts, change, base) };
  }

  /** The mask of the step before as the decoder takes it; made from the pixels when a hand has drawn in it. */
  private async maskPrompt(previous: Candidate | null): Promise<Float32Array | null> {
    if (!previous || previous.lowRes) return previous?.lowRes ?? null;
    const { name, version } = this.host.image.embedding.model;
    this.manifest ??= fetchManifest(name, version).then(readManifest);
    this.manifest.catch(() => (this.manifest = null));
    const { lowResSize, imageSize, maskThreshold } = await this.manifest;
    const frame = modelFrame(this.host.store.getState().size, imageSize);
    const known = this.maskPrompts.get(previous.mask);
    const logits = known ?? maskPromptLogits(previous.mask.rle, lowResSize, frame, maskThreshold);
    this.maskPrompts.set(previous.mask, logits);
    return logits;
  }

  private fail(error: unknown): void {
    if (!(error instanceof SupersededError)) {
      this.host.show({ preview: null, failure: describeFailure(error) });
    }
  }
}

function candidatesOf(decoded: Decoded): Candidate[] {
  return decoded.masks.map(({ candidate, predictedIou, stabilityScore, lowRes, rle }) => ({
    candidate,
    predictedIou,
    stabilityScore,
    lowRes,
    mask: indexMask(rle),
  }));
}

function timesOf({ rung, decodeMs, upsampleMs }: Decoded): Pick<PromptingView, "lastDecode"> {
  return { lastDecode: { rung, decodeMs, upsampleMs } };
}

import { fetchManifest } from "../../api/models";
import type { ImageDetail } from "../../api/types";
import type { ImageBox } from "../../geometry/boxes";
import { modelFrame } from "../../geometry/frames";
import type { ImagePoint } from "../../geometry/points";
import type { DecoderBridge } from "../../inference/bridge";
import { describeFailure, SupersededError } from "../../inference/errors";
import type { Decoded } from "../../inference/protocol";
import type { Rung } from "../../inference/rungs";
import { indexMask } from "../../masks/columns";
import { readManifest, type Manifest } from "../../sam/manifest";
import { maskPromptLogits } from "../../sam/maskPrompt";
import { promptCount, type PointLabel, type Prompts } from "../../sam/prompts";
import * as actions from "../../state/actions";
import { chosenCandidate, hasDraft, type Candidate } from "../../state/annotation";
import { nearestCandidate } from "../../state/editing";
import type { AnnotationStore } from "../../state/store";

/** What prompting shows besides the store: the preview, and how the last decode went. */
export interface PromptingView {
  readonly preview: Candidate | null;
  /** Prompts on their way to the decoder; null when nothing is. */
  readonly pending: Prompts | null;
  readonly lastDecode: { readonly rung: Rung; readonly decodeMs: number; readonly upsampleMs: number } | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export const NOTHING_PROMPTED: PromptingView = {
  preview: null,
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
  private pendingDecode: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  private hoverAbort: AbortController | null = null;
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
    this.ask({ ...prompts, points: [...prompts.points, { point: pixel, label }] });
  }

  setBox(box: ImageBox): void {
    this.ask({ ...this.current(), box });
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
    this.host.show({ pending: null });
    return true;
  }

  private current(): Prompts {
    return this.host.view().pending ?? this.host.store.getState().draft.prompts;
  }

  private ask(prompts: Prompts): void {
    const { bridge, store } = this.host;
    if (!this.isDecoderReady || promptCount(prompts) === 0) return;
    this.host.onBegun();
    this.hoverAbort?.abort();
    this.pendingDecode?.abort.abort();
    const abort = new AbortController();
    const previous = chosenCandidate(store.getState().draft);
    this.host.show({ pending: prompts });
    const decoding = this.maskPrompt(previous).then((previousLowRes) =>
      bridge.decode({ image: this.imageKey, prompts, previousLowRes }, abort.signal),
    );
    const done = decoding.then(
      (decoded) => {
        if (abort.signal.aborted) return;
        this.pendingDecode = null;
        const candidates = candidatesOf(decoded);
        const isCorrection = previous !== null && previous.lowRes === null && promptCount(prompts) === 1;
        const chosen = isCorrection ? nearestCandidate(candidates, prompts, previous.mask) : 0;
        store.apply((state) => actions.draftDecoded(state, prompts, candidates, chosen));
        this.host.show({ pending: null, preview: null, ...timesOf(decoded), failure: null });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        this.pendingDecode = null;
        this.host.show({ pending: null });
        this.fail(error);
      },
    );
    this.pendingDecode = { abort, done };
  }

  /** The mask of the step before as the decoder takes it; made from the pixels when a hand has drawn in it. */
  private async maskPrompt(previous: Candidate | null): Promise<Float32Array | null> {
    if (!previous || previous.lowRes) return previous?.lowRes ?? null;
    const { name, version } = this.host.image.embedding.model;
    this.manifest ??= fetchManifest(name, version).then(readManifest);
    this.manifest.catch(() => (this.manifest = null));
    const { lowResSize, imageSize, maskThreshold } = await this.manifest;
    const frame = modelFrame(this.host.store.getState().size, imageSize);
    return maskPromptLogits(previous.mask.rle, lowResSize, frame, maskThreshold);
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

import { ApiError } from "../../api/errors";
import { fetchManifest } from "../../api/models";
import type { ImageDetail, Mask } from "../../api/types";
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
import {
  chosenCandidate,
  hasDraft,
  initialState,
  type Candidate,
  type SavedMask,
} from "../../state/annotation";
import { nearestCandidate, refinementBegun } from "../../state/editing";
import { masksRead } from "../../state/remoteMasks";
import { AnnotationStore } from "../../state/store";
import type { Services } from "../services";
import { HandEditing, type EditedMask } from "./handEditing";
import { savedMaskOf } from "./records";

/** What the session shows besides the store: the preview, and how the last decode went. */
export interface SessionView {
  readonly preview: Candidate | null;
  /** The mask a gesture by hand is changing right now. */
  readonly edited: EditedMask | null;
  /** Prompts on their way to the decoder; null when nothing is. */
  readonly pending: Prompts | null;
  readonly lastDecode: { readonly rung: Rung; readonly decodeMs: number; readonly upsampleMs: number } | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

interface SessionOptions {
  readonly image: ImageDetail;
  readonly masks: readonly Mask[];
  readonly labelId: number | null;
  readonly author: string;
  readonly services: Services;
  readonly onConflict: (message: string) => void;
  readonly onHint: (message: string) => void;
}

/** One image being annotated: prompts go to the decoder, answers into the store, accepted masks into the queue. */
export class AnnotationSession {
  readonly store: AnnotationStore;
  readonly hand: HandEditing;
  private view: SessionView = {
    preview: null,
    edited: null,
    pending: null,
    lastDecode: null,
    failure: null,
  };
  private manifest: Promise<Manifest> | null = null;
  private readonly listeners = new Set<() => void>();
  private readonly bridge: DecoderBridge;
  private readonly model: string;
  private readonly imageKey: string;
  private pendingDecode: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  private hoverAbort: AbortController | null = null;
  private startedAt: number | null = null;
  private isDecoderReady = false;
  /** Masks changed here since the image was opened: what was read before they were saved says nothing of them. */
  private readonly changedIds = new Set<string>();

  constructor(private readonly options: SessionOptions) {
    const { image, masks, services } = options;
    this.bridge = services.bridge;
    this.model = `${image.embedding.model.name}@${image.embedding.model.version}`;
    this.imageKey = String(image.id);
    for (const mask of masks) services.queue.learn(mask.id, mask.revision);
    this.store = new AnnotationStore(this.startingState(), (changes) => {
      for (const { id, after } of changes.masks) {
        this.changedIds.add(id);
        services.queue.want(id, image.id, after);
      }
    });
    this.hand = new HandEditing(
      this.store,
      (edited) => {
        // A decode on its way would replace what is being drawn.
        if (edited) this.cancelPending();
        if (edited?.id === null) this.startedAt ??= performance.now();
        this.show({ edited, preview: null });
      },
      options.onHint,
    );
  }

  /** Listens for what colleagues did. Returns the end of the session: nothing is decoded any more. */
  enter(): () => void {
    const leave = this.options.services.onConflict(this.options.image.id, (id, error) =>
      this.yieldTo(id, error),
    );
    return () => {
      leave();
      this.cancelPending();
      this.hoverAbort?.abort();
    };
  }

  /** What the server holds now, where the image was opened with masks that had been prefetched. */
  masksRead(masks: readonly Mask[]): void {
    const { image, masks: known, services } = this.options;
    if (masks === known) return;
    const revisions = new Map(known.map(({ id, revision }) => [id, revision]));
    const ours = new Set([...this.changedIds, ...services.queue.waitingFor(image.id).keys()]);
    const { masks: shown } = this.store.getState();
    const read = masks
      .filter(({ id }) => !ours.has(id))
      .map((mask) => {
        services.queue.learn(mask.id, mask.revision);
        const same = revisions.get(mask.id) === mask.revision ? shown.get(mask.id) : undefined;
        return same ?? savedMaskOf(mask);
      });
    this.store.applyRemote((state) => masksRead(state, read, ours));
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getView = (): SessionView => this.view;

  decoderReady(): void {
    this.isDecoderReady = true;
  }

  /** Previews the mask under a pixel; only while nothing is being made, so that the draft does not flicker. */
  hover(pixel: ImagePoint | null): void {
    this.hoverAbort?.abort();
    this.hoverAbort = null;
    if (!pixel || !this.isDecoderReady || this.view.pending || hasDraft(this.store.getState().draft)) {
      if (this.view.preview) this.show({ preview: null });
      return;
    }
    this.startedAt ??= performance.now();
    const abort = new AbortController();
    this.hoverAbort = abort;
    const prompts: Prompts = { points: [{ point: pixel, label: 1 }], box: null };
    this.bridge.hover({ image: this.imageKey, prompts, previousLowRes: null }, abort.signal).then(
      (decoded) =>
        this.show({ preview: candidatesOf(decoded)[0] ?? null, ...timesOf(decoded), failure: null }),
      (error: unknown) => this.fail(error),
    );
  }

  /** The selected mask becomes the mask being made: clicks correct it, accepting saves its next revision. */
  refine(): boolean {
    const { selectedId } = this.store.getState();
    if (selectedId === null || !this.isDecoderReady) return false;
    this.cancelPending();
    this.startedAt = performance.now();
    this.store.apply((state) => refinementBegun(state, selectedId));
    return true;
  }

  addPoint(pixel: ImagePoint, label: PointLabel): void {
    const prompts = this.currentPrompts();
    this.ask({ ...prompts, points: [...prompts.points, { point: pixel, label }] });
  }

  setBox(box: ImageBox): void {
    this.ask({ ...this.currentPrompts(), box });
  }

  /** Saves the chosen candidate with a label, after the decode on its way, if any. */
  async accept(labelId: number): Promise<void> {
    this.hand.finish();
    await this.pendingDecode?.done;
    const secondsSpent = this.startedAt === null ? 0 : (performance.now() - this.startedAt) / 1000;
    const before = this.store.getState();
    const acceptance = {
      id: crypto.randomUUID(),
      labelId,
      model: this.model,
      secondsSpent,
      author: this.options.author,
    };
    this.store.apply((state) => actions.draftAccepted(state, acceptance));
    if (this.store.getState() !== before) this.startedAt = null;
  }

  /** Gives up the mask being made. Returns whether there was one. */
  cancel(): boolean {
    const wasPending = this.cancelPending();
    const hadDraft = hasDraft(this.store.getState().draft);
    if (hadDraft) this.store.apply(actions.draftCancelled);
    this.startedAt = null;
    return wasPending || hadDraft;
  }

  undo(): void {
    this.hand.finish();
    if (!this.cancelPending()) this.store.undo();
  }

  redo(): void {
    this.store.redo();
  }

  private currentPrompts(): Prompts {
    return this.view.pending ?? this.store.getState().draft.prompts;
  }

  private ask(prompts: Prompts): void {
    if (!this.isDecoderReady || promptCount(prompts) === 0) return;
    this.startedAt ??= performance.now();
    this.hoverAbort?.abort();
    this.pendingDecode?.abort.abort();
    const abort = new AbortController();
    const previous = chosenCandidate(this.store.getState().draft);
    this.show({ pending: prompts });
    const decoding = this.maskPrompt(previous).then((previousLowRes) =>
      this.bridge.decode({ image: this.imageKey, prompts, previousLowRes }, abort.signal),
    );
    const done = decoding.then(
      (decoded) => {
        if (abort.signal.aborted) return;
        this.pendingDecode = null;
        const candidates = candidatesOf(decoded);
        const isCorrection = previous !== null && previous.lowRes === null && promptCount(prompts) === 1;
        const chosen = isCorrection ? nearestCandidate(candidates, prompts, previous.mask) : 0;
        this.store.apply((state) => actions.draftDecoded(state, prompts, candidates, chosen));
        this.show({ pending: null, preview: null, ...timesOf(decoded), failure: null });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        this.pendingDecode = null;
        this.show({ pending: null });
        this.fail(error);
      },
    );
    this.pendingDecode = { abort, done };
  }

  /** The mask of the step before as the decoder takes it; made from the pixels when a hand has drawn in it. */
  private async maskPrompt(previous: Candidate | null): Promise<Float32Array | null> {
    if (!previous || previous.lowRes) return previous?.lowRes ?? null;
    const { name, version } = this.options.image.embedding.model;
    this.manifest ??= fetchManifest(name, version).then(readManifest);
    this.manifest.catch(() => (this.manifest = null));
    const { lowResSize, imageSize, maskThreshold } = await this.manifest;
    const frame = modelFrame(this.store.getState().size, imageSize);
    return maskPromptLogits(previous.mask.rle, lowResSize, frame, maskThreshold);
  }

  private cancelPending(): boolean {
    if (!this.pendingDecode) return false;
    this.pendingDecode.abort.abort();
    this.pendingDecode = null;
    this.show({ pending: null });
    return true;
  }

  /** Somebody else's version of a mask takes the place of ours. */
  private yieldTo(id: string, error: unknown): void {
    const extra = error instanceof ApiError ? (error.extra as { current?: Mask | null }) : {};
    const current = extra.current ?? null;
    if (current) this.options.services.queue.learn(id, current.revision);
    this.store.applyRemote((state) => actions.maskReplaced(state, id, current ? savedMaskOf(current) : null));
    this.options.onConflict(
      current
        ? "Somebody else changed this mask first. Their version is shown; yours was not saved."
        : "Somebody else deleted this mask. Your change was not saved.",
    );
  }

  private startingState() {
    const { image, masks, labelId, services } = this.options;
    const all = new Map<string, SavedMask>(masks.map((mask) => [mask.id, savedMaskOf(mask)]));
    for (const [id, waiting] of services.queue.waitingFor(image.id)) {
      if (waiting) all.set(id, waiting);
      else all.delete(id);
    }
    return { ...initialState({ height: image.height, width: image.width }, [...all.values()]), labelId };
  }

  private fail(error: unknown): void {
    if (!(error instanceof SupersededError)) this.show({ preview: null, failure: describeFailure(error) });
  }

  private show(change: Partial<SessionView>): void {
    this.view = { ...this.view, ...change };
    for (const listener of this.listeners) listener();
  }
}

/** What the canvas draws as prompts: those on their way, or those of the draft. */
export function shownPrompts(view: SessionView, draft: { readonly prompts: Prompts }): Prompts {
  return view.pending ?? draft.prompts;
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

function timesOf({ rung, decodeMs, upsampleMs }: Decoded): Pick<SessionView, "lastDecode"> {
  return { lastDecode: { rung, decodeMs, upsampleMs } };
}

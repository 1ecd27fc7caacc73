import type { Label } from "../../api/types";
import type { ImageBox } from "../../geometry/boxes";
import type { ImagePoint } from "../../geometry/points";
import type { DecoderBridge } from "../../inference/bridge";
import { describeFailure, SupersededError } from "../../inference/errors";
import type { Quality } from "../../inference/protocol";
import { indexMask } from "../../masks/columns";
import { shareInside } from "../../masks/overlap";
import { gridPoints } from "../../sam/grid";
import { FOREGROUND, type PointLabel } from "../../sam/prompts";
import { defaultsOf } from "../../state/attributes";
import * as proposals from "../../state/proposals";
import type { AnnotationStore } from "../../state/store";
import type { Hint } from "../../tools/keymap";

/** How far a run through the grid is, and what is pointed at; null while there is nothing to decide about. */
export interface ProposingView {
  readonly proposing: {
    readonly done: number;
    readonly total: number;
    readonly isRunning: boolean;
    readonly hoveredId: string | null;
  } | null;
}

interface ProposingHost {
  readonly store: AnnotationStore;
  readonly bridge: DecoderBridge;
  readonly imageKey: string;
  model(): string;
  readonly author: string;
  labels(): readonly Label[];
  view(): ProposingView;
  show(change: ProposingView & { failure?: { code: string; message: string } | null }): void;
  /** Seconds the person has been at work. */
  readonly worked: () => number;
  readonly onHint: (hint: Hint) => void;
}

/**
 * What is worth a look at all; the floor that people move lies above it. Low, because a small model's logits are
 * shallow: the default model's stability is below 0.02 for half of all clicks' masks and above 0.35 for a tenth.
 */
const WORTH_A_LOOK: Quality = { predictedIou: 0.05, stabilityScore: 0.1 };
/** Of what lies mostly outside the box nobody asked. */
const SHARE_INSIDE = 0.8;

/** Asks the decoder for everything under a box, point by point, behind whatever a person does meanwhile. */
export class Proposing {
  private abort: AbortController | null = null;
  private lastTime = 0;

  constructor(private readonly host: ProposingHost) {}

  get isActive(): boolean {
    return this.host.view().proposing !== null;
  }

  async start(region: ImageBox): Promise<void> {
    this.dismiss();
    const abort = new AbortController();
    this.abort = abort;
    this.lastTime = this.host.worked();
    const points = gridPoints(region);
    const state = { done: 0, total: points.length, isRunning: true, hoveredId: null };
    this.host.show({ proposing: state, failure: null });
    try {
      for (const point of points) {
        const found = await this.look(point, region, abort.signal);
        this.host.store.applyRemote((now) => proposals.proposalsFound(now, found));
        this.update((now) => ({ ...now, done: now.done + 1 }));
      }
    } catch (error) {
      if (!(error instanceof SupersededError)) {
        this.host.show({ proposing: this.host.view().proposing, failure: describeFailure(error) });
      }
    }
    if (this.abort === abort) this.finish();
  }

  /** Ends a run that goes on, keeping what it found; else dismisses that. Returns whether there was anything. */
  cancel(): boolean {
    if (!this.isActive) return false;
    if (this.host.view().proposing?.isRunning) this.finish();
    else this.dismiss();
    return true;
  }

  dismiss(): void {
    this.abort?.abort();
    this.abort = null;
    this.host.store.applyRemote(proposals.proposalsDismissed);
    if (this.isActive) this.host.show({ proposing: null });
  }

  hover(pixel: ImagePoint | null): void {
    const hovered = pixel && proposals.proposalAt(this.host.store.getState(), pixel.x, pixel.y);
    const hoveredId = hovered?.id ?? null;
    this.update((now) => (now.hoveredId === hoveredId ? now : { ...now, hoveredId }));
  }

  /** A click accepts what is there, one that takes away drops it. */
  click(pixel: ImagePoint, label: PointLabel, labelId: number | null, yields: boolean): void {
    const { store } = this.host;
    const there = proposals.proposalAt(store.getState(), pixel.x, pixel.y);
    if (!there) {
      this.host.onHint((keyText) => {
        const accept = keyText({ name: "accept" }) || "“Accept all”";
        const leave = keyText({ name: "cancel" }) || "“Dismiss”";
        return `No proposal here. ${accept} accepts all of them, ${leave} leaves them.`;
      });
      return;
    }
    if (label === FOREGROUND) this.accept([there], labelId, yields);
    else store.applyRemote((state) => proposals.proposalDropped(state, there.id));
    this.hover(pixel);
  }

  /** All that is shown becomes masks. */
  acceptAll(labelId: number | null, yields: boolean): void {
    const open = proposals.openProposals(this.host.store.getState());
    this.finish();
    if (open.length > 0) this.accept(open, labelId, yields);
  }

  setFloor(floor: number): void {
    this.host.store.applyRemote((state) => proposals.proposalFloorSet(state, floor));
  }

  private accept(chosen: readonly proposals.Proposal[], labelId: number | null, yields: boolean): void {
    const { store, author } = this.host;
    const now = this.host.worked();
    const secondsSpent = (now - this.lastTime) / chosen.length;
    this.lastTime = now;
    const attributes = defaultsOf(this.host.labels(), labelId);
    const model = this.host.model();
    const terms = { labelId, attributes, model, author, yields, secondsSpent };
    store.apply((state) => proposals.proposalsAccepted(state, chosen, terms));
  }

  private async look(
    point: ImagePoint,
    region: ImageBox,
    signal: AbortSignal,
  ): Promise<proposals.Proposal[]> {
    const prompts = { points: [{ point, label: FOREGROUND } as const], box: null };
    const request = { image: this.host.imageKey, prompts, previousLowRes: null, wanted: WORTH_A_LOOK };
    const { masks, model } = await this.host.bridge.decodeIdly(request, signal);
    return masks
      .map(({ candidate, predictedIou, stabilityScore, rle }) => ({
        id: crypto.randomUUID(),
        point,
        // Without the logits: of hundreds of proposals most are never looked at again.
        candidate: { candidate, predictedIou, stabilityScore, lowRes: null, mask: indexMask(rle), model },
      }))
      .filter(({ candidate }) => shareInside(candidate.mask, region) >= SHARE_INSIDE);
  }

  private finish(): void {
    this.abort?.abort();
    this.abort = null;
    this.update((now) => ({ ...now, isRunning: false }));
    if (this.host.store.getState().proposals.found.size > 0 || !this.isActive) return;
    this.host.show({ proposing: null });
    this.host.onHint("Nothing was found here. A smaller box looks closer.");
  }

  private update(change: (now: NonNullable<ProposingView["proposing"]>) => ProposingView["proposing"]): void {
    const { proposing } = this.host.view();
    if (!proposing) return;
    const next = change(proposing);
    if (next !== proposing) this.host.show({ proposing: next });
  }
}

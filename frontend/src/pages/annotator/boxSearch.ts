import type { ImageBox } from "../../geometry/boxes";
import type { ImagePoint } from "../../geometry/points";
import type { DecoderBridge } from "../../inference/bridge";
import { describeFailure, SupersededError } from "../../inference/errors";
import type { Quality } from "../../inference/protocol";
import { indexMask } from "../../masks/columns";
import { shareInside } from "../../masks/overlap";
import { gridPoints } from "../../sam/grid";
import { FOREGROUND } from "../../sam/prompts";
import * as proposals from "../../state/proposals";
import type { AnnotationStore } from "../../state/store";
import type { Hint } from "../../tools/keymap";

/** How far a run through the grid is. */
export interface SearchState {
  readonly done: number;
  readonly total: number;
  readonly isRunning: boolean;
}

interface SearchHost {
  readonly store: AnnotationStore;
  readonly bridge: DecoderBridge;
  readonly imageKey: string;
  search(): SearchState | null;
  show(change: {
    readonly search: SearchState | null;
    readonly failure?: { code: string; message: string } | null;
  }): void;
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
export class BoxSearch {
  private abort: AbortController | null = null;

  constructor(private readonly host: SearchHost) {}

  /** Whether there is something to decide about that was found here. */
  get isActive(): boolean {
    return this.host.search() !== null;
  }

  async start(region: ImageBox): Promise<void> {
    this.dismiss();
    const abort = new AbortController();
    this.abort = abort;
    const points = gridPoints(region);
    this.host.show({ search: { done: 0, total: points.length, isRunning: true }, failure: null });
    try {
      for (const point of points) {
        const found = await this.look(point, region, abort.signal);
        this.host.store.applyRemote((now) => proposals.proposalsFound(now, found));
        this.update((now) => ({ ...now, done: now.done + 1 }));
      }
    } catch (error) {
      if (!(error instanceof SupersededError)) {
        this.host.show({ search: this.host.search(), failure: describeFailure(error) });
      }
    }
    if (this.abort === abort) this.finish();
  }

  /** Ends a run that goes on, keeping what it found; else dismisses that. Returns whether there was anything. */
  cancel(): boolean {
    if (!this.isActive) return false;
    if (this.host.search()?.isRunning) this.finish();
    else this.dismiss();
    return true;
  }

  dismiss(): void {
    this.abort?.abort();
    this.abort = null;
    this.host.store.applyRemote(proposals.proposalsDismissed);
    if (this.isActive) this.host.show({ search: null });
  }

  /** Looks no further, and says so where nothing was found. */
  finish(): void {
    this.abort?.abort();
    this.abort = null;
    this.update((now) => ({ ...now, isRunning: false }));
    const { found } = this.host.store.getState().proposals;
    if ([...found.values()].some(({ run }) => !run) || !this.isActive) return;
    this.host.show({ search: null });
    this.host.onHint("Nothing was found here. A smaller box looks closer.");
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
        run: null,
        // Without the logits: of hundreds of proposals most are never looked at again.
        candidate: { candidate, predictedIou, stabilityScore, lowRes: null, mask: indexMask(rle), model },
      }))
      .filter(({ candidate }) => shareInside(candidate.mask, region) >= SHARE_INSIDE);
  }

  private update(change: (now: SearchState) => SearchState): void {
    const search = this.host.search();
    if (search) this.host.show({ search: change(search) });
  }
}

import type { Label } from "../../api/types";
import type { ImageBox } from "../../geometry/boxes";
import type { ImagePoint } from "../../geometry/points";
import type { DecoderBridge } from "../../inference/bridge";
import { FOREGROUND, type PointLabel } from "../../sam/prompts";
import { hasDraft } from "../../state/annotation";
import { defaultsOf } from "../../state/attributes";
import * as proposals from "../../state/proposals";
import type { AnnotationStore } from "../../state/store";
import type { Hint } from "../../tools/keymap";
import { BoxSearch, type SearchState } from "./boxSearch";

/** What the session shows of proposals besides the store. */
export interface ProposingView {
  /** The search under a box; null while there is nothing to decide about that it found. */
  readonly search: SearchState | null;
  /** The one that keys decide about: walked to, or pointed at. */
  readonly currentProposal: { readonly id: string; readonly by: "keys" | "pointer" } | null;
  readonly areProposalsShown: boolean;
  /** The walk through them was left by the key that gives up: the next Tab leads through the page. */
  readonly isWalkLeft: boolean;
}

export const NOTHING_PROPOSED: ProposingView = {
  search: null,
  currentProposal: null,
  areProposalsShown: true,
  isWalkLeft: false,
};

interface ProposingHost {
  readonly store: AnnotationStore;
  readonly bridge: DecoderBridge;
  readonly imageKey: string;
  model(): string;
  readonly author: string;
  labels(): readonly Label[];
  view(): ProposingView;
  show(change: Partial<ProposingView> & { failure?: { code: string; message: string } | null }): void;
  /** Seconds the person has been at work. */
  readonly worked: () => number;
  /** Brings a box of the image into view, unless it is. */
  readonly onShow: (box: ImageBox) => void;
  readonly onHint: (hint: Hint) => void;
}

/** How proposals that are accepted become masks. */
export interface AcceptTerms {
  readonly labelId: number | null;
  readonly yields: boolean;
}

/** What people decide about proposals, whether a run found them or the decoder here: pointing, walking, accepting, rejecting. */
export class Proposing {
  readonly search: BoxSearch;
  private lastTime: number;

  constructor(private readonly host: ProposingHost) {
    this.lastTime = host.worked();
    this.search = new BoxSearch({
      store: host.store,
      bridge: host.bridge,
      imageKey: host.imageKey,
      search: () => host.view().search,
      show: (change) => host.show(change),
      onHint: host.onHint,
    });
  }

  start(region: ImageBox): void {
    this.lastTime = this.host.worked();
    this.host.show({ areProposalsShown: true });
    void this.search.start(region);
  }

  /** The one that keys decide about, as long as it is open and seen, and no mask is being made. */
  get current(): proposals.Proposal | null {
    const { currentProposal } = this.host.view();
    if (hasDraft(this.host.store.getState().draft)) return null;
    return this.open().find(({ id }) => id === currentProposal?.id) ?? null;
  }

  /** Whether there is something to walk through: no mask is being made, and proposals are seen. */
  get isWalkable(): boolean {
    return !hasDraft(this.host.store.getState().draft) && this.open().length > 0;
  }

  /** Whether there is one after the current one, or before it: else the walk leads out of them. */
  canStep(step: 1 | -1): boolean {
    return this.isWalkable && !this.host.view().isWalkLeft && this.next(step) !== null;
  }

  /** Goes to the next one by confidence, or back. Returns whether there was one. */
  step(step: 1 | -1): boolean {
    if (hasDraft(this.host.store.getState().draft)) {
      this.host.onHint("Save the mask being made first, or give it up.");
      return true;
    }
    this.host.show({ areProposalsShown: true, isWalkLeft: false });
    const next = this.next(step);
    if (next) this.go(next);
    return next !== null;
  }

  /** Points at what is under the pointer. Returns whether a proposal is: then nothing else is previewed there. */
  hover(pixel: ImagePoint | null): boolean {
    const there = this.at(pixel);
    const { currentProposal, search } = this.host.view();
    if (there && there.id !== currentProposal?.id) {
      this.host.show({ currentProposal: { id: there.id, by: "pointer" }, isWalkLeft: false });
    } else if (!there && currentProposal?.by === "pointer") this.host.show({ currentProposal: null });
    return there !== null || (search !== null && !hasDraft(this.host.store.getState().draft));
  }

  /** A click accepts what is there, one that takes away rejects it. Returns whether the click was about proposals. */
  click(pixel: ImagePoint, label: PointLabel, terms: AcceptTerms): boolean {
    const there = this.at(pixel);
    if (!there) {
      if (!this.search.isActive || hasDraft(this.host.store.getState().draft)) return false;
      this.host.onHint((keyText) => {
        const accept = keyText({ name: "accept" }) || "“Accept all”";
        const leave = keyText({ name: "cancel" }) || "“Dismiss”";
        return `No proposal here. ${accept} accepts all of them, ${leave} leaves them.`;
      });
      return true;
    }
    if (label === FOREGROUND) this.accept([there], terms);
    else this.reject([there]);
    this.hover(pixel);
    return true;
  }

  /** Accepts the current one and goes on to the next; to the first where none is current yet. */
  acceptCurrent(terms: AcceptTerms): boolean {
    return this.decideCurrent((current) => this.accept([current], terms));
  }

  /** Rejects the current one and goes on to the next; to the first where none is current yet. */
  rejectCurrent(): boolean {
    return this.decideCurrent((current) => this.reject([current]));
  }

  /** All that is shown becomes masks: one step to undo. */
  acceptAll(terms: AcceptTerms): void {
    if (this.search.isActive) this.search.finish();
    this.accept(this.open(), terms);
  }

  /** None of those that are shown is wanted: one step to undo, but for what was found here. */
  rejectAll(): void {
    this.reject(this.open());
    if (this.search.isActive) this.search.dismiss();
  }

  setFloor(floor: number): void {
    this.host.store.applyRemote((state) => proposals.proposalFloorSet(state, floor));
  }

  toggle(): void {
    this.host.show({ areProposalsShown: !this.host.view().areProposalsShown, currentProposal: null });
  }

  /** Leaves the walk, then the search. Returns whether there was anything to leave. */
  cancel(): boolean {
    if (this.host.view().currentProposal?.by !== "keys") return this.search.cancel();
    this.host.show({ currentProposal: null, isWalkLeft: true });
    return true;
  }

  /** A mask was made: the time until then was spent on it. */
  decided(): void {
    this.lap();
  }

  /** What was put right is accepted, or was given up: on with the next, as the walk had come so far. */
  fixed(fixedId: string, next: proposals.Proposal | null): void {
    if (this.open().some(({ id }) => id === fixedId))
      this.host.show({ currentProposal: { id: fixedId, by: "keys" } });
    else if (next) this.go(next);
  }

  /** Which comes after the current one, to go on with once that is decided. */
  following(): proposals.Proposal | null {
    return this.next(1) ?? this.next(-1);
  }

  private open(): readonly proposals.Proposal[] {
    return this.host.view().areProposalsShown ? proposals.openProposals(this.host.store.getState()) : [];
  }

  private at(pixel: ImagePoint | null): proposals.Proposal | null {
    const state = this.host.store.getState();
    if (!pixel || !this.host.view().areProposalsShown || hasDraft(state.draft)) return null;
    return proposals.proposalAt(state, pixel.x, pixel.y);
  }

  private next(step: 1 | -1): proposals.Proposal | null {
    const id = this.current?.id ?? null;
    return proposals.proposalAfter(this.host.store.getState(), id, step);
  }

  private go({ id, candidate }: proposals.Proposal): void {
    this.host.show({ currentProposal: { id, by: "keys" } });
    const { bbox } = candidate.mask;
    if (bbox) this.host.onShow({ x0: bbox.x, y0: bbox.y, x1: bbox.x + bbox.width, y1: bbox.y + bbox.height });
  }

  private decideCurrent(decide: (current: proposals.Proposal) => void): boolean {
    const { current } = this;
    if (!current) return this.step(1);
    const following = this.following();
    decide(current);
    if (following && !this.open().some(({ id }) => id === current.id)) this.go(following);
    return true;
  }

  private accept(chosen: readonly proposals.Proposal[], { labelId, yields }: AcceptTerms): void {
    if (chosen.length === 0) return;
    const { store, author } = this.host;
    const model = this.host.model();
    const secondsSpent = this.lap() / chosen.length;
    const termsOf = ({ run }: proposals.Proposal) => {
      const given = run?.labelId ?? labelId;
      const attributes = defaultsOf(this.host.labels(), given);
      return { labelId: given, attributes, model, author, yields, secondsSpent };
    };
    store.apply((state) => proposals.proposalsAccepted(state, chosen, termsOf));
  }

  private reject(chosen: readonly proposals.Proposal[]): void {
    const { store } = this.host;
    this.lap();
    const ofRuns = chosen.filter(({ run }) => run).map(({ id }) => id);
    if (ofRuns.length > 0) store.apply((state) => proposals.proposalsRejected(state, ofRuns));
    const foundHere = chosen.filter(({ run }) => !run);
    store.applyRemote((state) =>
      foundHere.reduce((now, { id }) => proposals.proposalDropped(now, id), state),
    );
  }

  /** Seconds at work since the last decision. */
  private lap(): number {
    const now = this.host.worked();
    const seconds = now - this.lastTime;
    this.lastTime = now;
    return seconds;
  }
}

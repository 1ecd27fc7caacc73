import type { ImagePoint } from "../geometry/points";
import { maskContains } from "../masks/columns";
import { toCoco } from "../masks/rleString";
import { overlapsMore } from "../masks/overlap";
import { FOREGROUND, promptRecord } from "../sam/prompts";
import type { Acceptance } from "./actions";
import type { AnnotationState, Candidate, SavedMask } from "./annotation";
import { yieldedMask } from "./yielding";

/** A mask the decoder found by itself, waiting for a person's word. */
export interface Proposal {
  /** Becomes the mask's id, so that undoing its acceptance makes it a proposal again. */
  readonly id: string;
  readonly point: ImagePoint;
  readonly candidate: Candidate;
}

export interface Proposals {
  readonly found: ReadonlyMap<string, Proposal>;
  /** The predicted IoU from which on they are shown; null leaves it to the scores that were found. */
  readonly floor: number | null;
}

export const NO_PROPOSALS: Proposals = { found: new Map(), floor: null };

/** Masks with a larger intersection over union are the same thing. */
const SAME_THING = 0.7;
/** A small model's scores are low throughout: what counts is how near they come to its best. */
const SHARE_OF_BEST = 0.6;

type Terms = Omit<Acceptance, "id">;

/** Adds what was found, without what is saved already and without doubles, of which the best score stays. */
export function proposalsFound(state: AnnotationState, found: readonly Proposal[]): AnnotationState {
  const kept = new Map(state.proposals.found);
  for (const proposal of found) {
    const isSame = (other: SavedMask["mask"]) => overlapsMore(proposal.candidate.mask, other, SAME_THING);
    if ([...state.masks.values()].some(({ mask }) => isSame(mask))) continue;
    const doubles = [...kept.values()].filter(({ candidate }) => isSame(candidate.mask));
    if (doubles.some((double) => scoreOf(double) >= scoreOf(proposal))) continue;
    for (const { id } of doubles) kept.delete(id);
    kept.set(proposal.id, proposal);
  }
  return { ...state, proposals: { ...state.proposals, found: kept } };
}

/** The predicted IoU from which on proposals are shown. */
export function proposalFloor({ proposals: { found, floor } }: AnnotationState): number {
  return floor ?? SHARE_OF_BEST * Math.max(0, ...[...found.values()].map(scoreOf));
}

/** Those to be shown: good enough and not accepted. */
export function openProposals(state: AnnotationState): Proposal[] {
  const floor = proposalFloor(state);
  return [...state.proposals.found.values()].filter(
    (proposal) => scoreOf(proposal) >= floor && !state.masks.has(proposal.id),
  );
}

/** The smallest open proposal at a pixel, as with saved masks: the one that could not be reached otherwise. */
export function proposalAt(state: AnnotationState, x: number, y: number): Proposal | null {
  const there = openProposals(state).filter(({ candidate }) => maskContains(candidate.mask, x, y));
  return there.reduce<Proposal | null>(
    (best, next) => (!best || next.candidate.mask.area < best.candidate.mask.area ? next : best),
    null,
  );
}

/** One proposal, or all open ones, become masks. Small ones come first: they are what large ones yield to. */
export function proposalsAccepted(
  state: AnnotationState,
  chosen: readonly Proposal[],
  terms: Terms,
): AnnotationState {
  const bySize = [...chosen].sort((a, b) => a.candidate.mask.area - b.candidate.mask.area);
  return bySize.reduce((now, proposal) => accepted(now, proposal, terms), state);
}

export function proposalDropped(state: AnnotationState, id: string): AnnotationState {
  const found = new Map(state.proposals.found);
  return found.delete(id) ? { ...state, proposals: { ...state.proposals, found } } : state;
}

export function proposalsDismissed(state: AnnotationState): AnnotationState {
  return state.proposals === NO_PROPOSALS ? state : { ...state, proposals: NO_PROPOSALS };
}

export function proposalFloorSet(state: AnnotationState, floor: number): AnnotationState {
  return { ...state, proposals: { ...state.proposals, floor } };
}

function accepted(state: AnnotationState, { id, point, candidate }: Proposal, terms: Terms): AnnotationState {
  const { yields, ...fields } = terms;
  const mask = yields ? yieldedMask(state, candidate.mask) : candidate.mask;
  if (mask.area === 0) return state;
  const isWhole = mask === candidate.mask;
  const saved: SavedMask = {
    ...fields,
    model: candidate.model ?? fields.model,
    id,
    mask,
    z: 0,
    prompts: promptRecord({ points: [{ point, label: FOREGROUND }], box: null }, candidate.candidate),
    predictedIou: isWhole ? candidate.predictedIou : null,
    stabilityScore: isWhole ? candidate.stabilityScore : null,
    stage: "assisted_manual",
    tool: "smart",
    modelSegmentation: isWhole ? null : toCoco(candidate.mask.rle),
  };
  return { ...state, masks: new Map(state.masks).set(id, saved) };
}

function scoreOf({ candidate }: Proposal): number {
  return candidate.predictedIou ?? 0;
}

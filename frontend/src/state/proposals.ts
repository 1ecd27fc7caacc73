import type { ImagePoint } from "../geometry/points";
import { maskContains } from "../masks/columns";
import { toCoco } from "../masks/rleString";
import { overlapsMore } from "../masks/overlap";
import { FOREGROUND, promptRecord, type PromptRecord } from "../sam/prompts";
import type { Acceptance } from "./actions";
import type { AnnotationState, Candidate, SavedMask } from "./annotation";
import { yieldedMask } from "./yielding";

/** What a run of the server's says of a proposal besides its mask. */
export interface RunOrigin {
  /** The data engine's stage the run belongs to; masks accepted as they are carry it. */
  readonly stage: "semi_automatic" | "fully_automatic";
  /** The label the run gives, null where it leaves that to whoever accepts. */
  readonly labelId: number | null;
}

/** A mask that a model found by itself, waiting for a person's word. */
export interface Proposal {
  /** Becomes the mask's id, so that undoing its acceptance makes it a proposal again. */
  readonly id: string;
  /** The click that found it; null where there was none. */
  readonly point: ImagePoint | null;
  readonly candidate: Candidate;
  /** Null for what the decoder found here, under a box: the server does not know it. */
  readonly run: RunOrigin | null;
}

export interface Proposals {
  readonly found: ReadonlyMap<string, Proposal>;
  /** Those a person said no to; a part of the history. */
  readonly rejectedIds: ReadonlySet<string>;
  /** The predicted IoU from which on they are shown; null leaves it to the scores that were found. */
  readonly floor: number | null;
}

export const NO_PROPOSALS: Proposals = { found: new Map(), rejectedIds: new Set(), floor: null };

/** Masks with a larger intersection over union are the same thing. */
const SAME_THING = 0.7;
/** A small model's scores are low throughout: what counts is how near they come to its best. */
const SHARE_OF_BEST = 0.6;

type Terms = Omit<Acceptance, "id">;

/**
 * Adds what was found, without what is saved already and without doubles: of those the best score stays, and what a run
 * found before what was found here, as the server waits for a word about it. A run's own have no doubles.
 */
export function proposalsFound(state: AnnotationState, found: readonly Proposal[]): AnnotationState {
  const kept = new Map(state.proposals.found);
  for (const proposal of found) {
    const isSame = (other: SavedMask["mask"]) => overlapsMore(proposal.candidate.mask, other, SAME_THING);
    if ([...state.masks.values()].some(({ id, mask }) => id !== proposal.id && isSame(mask))) continue;
    const rivals = [...kept.values()].filter(({ run }) => !run || !proposal.run);
    const doubles = rivals.filter(({ candidate }) => isSame(candidate.mask));
    if (!proposal.run && doubles.some((double) => double.run || scoreOf(double) >= scoreOf(proposal)))
      continue;
    for (const { id } of doubles) kept.delete(id);
    kept.set(proposal.id, proposal);
  }
  return { ...state, proposals: { ...state.proposals, found: kept } };
}

/**
 * What the server has of open proposals, in place of what it had before. What it calls open and was rejected in an earlier
 * visit was opened again since, unless `rejected` says that the server has not heard of it yet.
 */
export function runProposalsLoaded(
  state: AnnotationState,
  loaded: readonly Proposal[],
  rejected: ReadonlySet<string>,
): AnnotationState {
  const { proposals } = state;
  const isKept = ({ id, run }: Proposal) => !run || state.masks.has(id) || proposals.rejectedIds.has(id);
  const found = new Map([...proposals.found].filter(([, proposal]) => isKept(proposal)));
  const rejectedIds = new Set([...proposals.rejectedIds, ...rejected]);
  for (const { id } of loaded) if (!rejected.has(id)) rejectedIds.delete(id);
  return proposalsFound({ ...state, proposals: { ...proposals, found, rejectedIds } }, loaded);
}

/** The predicted IoU from which on proposals are shown. What a run left passed its own thresholds: all of it is. */
export function proposalFloor({ proposals: { found, floor } }: AnnotationState): number {
  if (floor !== null) return floor;
  const all = [...found.values()];
  const here = all.filter(({ run }) => !run);
  if (here.length > 0) return SHARE_OF_BEST * Math.max(0, ...here.map(scoreOf));
  return all.length > 0 ? Math.max(0, Math.min(...all.map(scoreOf))) : 0;
}

type Deciding = Pick<AnnotationState, "proposals" | "masks">;
const opened = new WeakMap<Proposals, { masks: AnnotationState["masks"]; open: readonly Proposal[] }>();

/** Those to be shown, the most confident first: good enough, neither accepted nor rejected. Remembered: asked for with every move. */
export function openProposals(state: Deciding): readonly Proposal[] {
  const { proposals, masks } = state;
  const known = opened.get(proposals);
  if (known?.masks === masks) return known.open;
  const floor = proposalFloor(state as AnnotationState);
  const isShown = (proposal: Proposal) =>
    scoreOf(proposal) >= (proposal.run && proposals.floor === null ? -Infinity : floor) &&
    !proposals.rejectedIds.has(proposal.id) &&
    !masks.has(proposal.id);
  const open = [...proposals.found.values()].filter(isShown).sort((a, b) => scoreOf(b) - scoreOf(a));
  opened.set(proposals, { masks, open });
  return open;
}

/** Whether there is one nobody said anything of, be it shown or below the floor. */
export function hasUndecided({ proposals: { found, rejectedIds }, masks }: Deciding): boolean {
  return [...found.keys()].some((id) => !rejectedIds.has(id) && !masks.has(id));
}

/** The smallest open proposal at a pixel, as with saved masks: the one that could not be reached otherwise. */
export function proposalAt(state: AnnotationState, x: number, y: number): Proposal | null {
  let found: Proposal | null = null;
  for (const proposal of openProposals(state)) {
    const { mask } = proposal.candidate;
    if (found && found.candidate.mask.area <= mask.area) continue;
    if (maskContains(mask, x, y)) found = proposal;
  }
  return found;
}

/** The open proposal that follows `id` by confidence, or comes before it; from null on the first, or the last. */
export function proposalAfter(state: AnnotationState, id: string | null, step: 1 | -1): Proposal | null {
  const open = openProposals(state);
  const at = open.findIndex((proposal) => proposal.id === id);
  if (at < 0) return (step === 1 ? open[0] : open.at(-1)) ?? null;
  return open[at + step] ?? null;
}

/** One proposal, or all open ones, become masks. Small ones come first: they are what large ones yield to. */
export function proposalsAccepted(
  state: AnnotationState,
  chosen: readonly Proposal[],
  termsOf: (proposal: Proposal) => Terms,
): AnnotationState {
  const bySize = [...chosen].sort((a, b) => a.candidate.mask.area - b.candidate.mask.area);
  return bySize.reduce((now, proposal) => accepted(now, proposal, termsOf(proposal)), state);
}

/** People said no to these. */
export function proposalsRejected(state: AnnotationState, ids: Iterable<string>): AnnotationState {
  const rejectedIds = new Set(state.proposals.rejectedIds);
  for (const id of ids) rejectedIds.add(id);
  if (rejectedIds.size === state.proposals.rejectedIds.size) return state;
  return { ...state, proposals: { ...state.proposals, rejectedIds } };
}

/**
 * What a gesture that knows nothing of proposals means for them: a run's accepted mask that is taken away, by deleting it or
 * by joining it to another, does not become a proposal again, and what becomes a mask is no longer rejected.
 */
export function proposalsFollowed(before: AnnotationState, after: AnnotationState): AnnotationState {
  const { found, rejectedIds } = after.proposals;
  if (before.masks === after.masks || (found.size === 0 && rejectedIds.size === 0)) return after;
  const gone = [...before.masks.keys()].filter((id) => !after.masks.has(id) && found.get(id)?.run);
  const back = [...rejectedIds].filter((id) => after.masks.has(id) && !before.masks.has(id));
  if (gone.length === 0 && back.length === 0) return after;
  const left = new Set([...rejectedIds, ...gone]);
  for (const id of back) left.delete(id);
  return { ...after, proposals: { ...after.proposals, rejectedIds: left } };
}

/** One of those found here is forgotten. */
export function proposalDropped(state: AnnotationState, id: string): AnnotationState {
  const found = new Map(state.proposals.found);
  return found.delete(id) ? { ...state, proposals: { ...state.proposals, found } } : state;
}

/** What was found here goes, and the floor that was set for it; what runs found stays until somebody decides. */
export function proposalsDismissed(state: AnnotationState): AnnotationState {
  const { found, rejectedIds } = state.proposals;
  const left = [...found].filter(([, { run }]) => run !== null);
  if (left.length === found.size) return state;
  return { ...state, proposals: { found: new Map(left), rejectedIds, floor: null } };
}

export function proposalFloorSet(state: AnnotationState, floor: number | null): AnnotationState {
  return { ...state, proposals: { ...state.proposals, floor } };
}

/** The click that found a proposal and the decoder's mask number, as a mask made of it keeps them. */
export function promptsOfProposal({ point, candidate }: Proposal): PromptRecord {
  const points = point ? [{ point, label: FOREGROUND } as const] : [];
  return promptRecord({ points, box: null }, candidate.candidate);
}

/** What a proposal becomes where it is accepted as it is; where masks yield, without what others cover. */
export function acceptedMask(state: AnnotationState, proposal: Proposal, terms: Terms): SavedMask {
  const { yields, ...fields } = terms;
  const { id, candidate, run } = proposal;
  const mask = yields ? yieldedMask(state, candidate.mask) : candidate.mask;
  const isWhole = mask === candidate.mask;
  return {
    ...fields,
    model: candidate.model ?? fields.model,
    id,
    mask,
    z: 0,
    prompts: promptsOfProposal(proposal),
    predictedIou: isWhole ? candidate.predictedIou : null,
    stabilityScore: isWhole ? candidate.stabilityScore : null,
    stage: run?.stage ?? "assisted_manual",
    tool: "smart",
    modelSegmentation: isWhole ? null : toCoco(candidate.mask.rle),
  };
}

function accepted(state: AnnotationState, proposal: Proposal, terms: Terms): AnnotationState {
  const saved = acceptedMask(state, proposal, terms);
  if (saved.mask.area === 0) return state;
  return { ...state, masks: new Map(state.masks).set(saved.id, saved) };
}

function scoreOf({ candidate }: Proposal): number {
  return candidate.predictedIou ?? 0;
}

import type { AnnotationState, Draft, SavedMask } from "./annotation";
import { sameMask } from "./sameMask";
import { masksSelected, selectedIds } from "./selection";

/** What one gesture changed, so that undoing it touches nothing else, a colleague's work least of all. */
export interface ChangeSet {
  readonly masks: readonly {
    readonly id: string;
    readonly before: SavedMask | null;
    readonly after: SavedMask | null;
  }[];
  readonly draft: { readonly before: Draft; readonly after: Draft } | null;
  /** Proposals that were rejected, or no longer are. */
  readonly rejections: readonly { readonly id: string; readonly after: boolean }[];
}

/** A step of editing costs its run lengths, some 100 KB for a large photograph. */
const STEPS_KEPT = 500;
/** Decoded drafts carry their candidates' logits, 1 MiB each. */
const DECODES_KEPT = 60;

/** The difference of two states, or null when nothing that can be undone differs. */
export function changesBetween(before: AnnotationState, after: AnnotationState): ChangeSet | null {
  const masks: { id: string; before: SavedMask | null; after: SavedMask | null }[] = [];
  if (before.masks !== after.masks) {
    for (const id of new Set([...before.masks.keys(), ...after.masks.keys()])) {
      const [old, new_] = [before.masks.get(id) ?? null, after.masks.get(id) ?? null];
      if (old !== new_) masks.push({ id, before: old, after: new_ });
    }
  }
  const draft = before.draft === after.draft ? null : { before: before.draft, after: after.draft };
  const rejections = rejectionsBetween(before.proposals.rejectedIds, after.proposals.rejectedIds);
  return masks.length > 0 || draft || rejections.length > 0 ? { masks, draft, rejections } : null;
}

function rejectionsBetween(before: ReadonlySet<string>, after: ReadonlySet<string>): ChangeSet["rejections"] {
  if (before === after) return [];
  const ids = [...new Set([...before, ...after])].filter((id) => before.has(id) !== after.has(id));
  return ids.map((id) => ({ id, after: after.has(id) }));
}

/** The state with a change set undone or done again. */
export function withChanges(
  state: AnnotationState,
  changes: ChangeSet,
  direction: "undo" | "redo",
): AnnotationState {
  const masks = new Map(state.masks);
  for (const change of changes.masks) {
    const target = direction === "undo" ? change.before : change.after;
    if (target) masks.set(change.id, target);
    else masks.delete(change.id);
  }
  const draft = changes.draft ? changes.draft[direction === "undo" ? "before" : "after"] : state.draft;
  const proposals = withRejections(state.proposals, changes, direction);
  return masksSelected({ ...state, masks, draft, proposals }, selectedIds(state));
}

function withRejections(
  proposals: AnnotationState["proposals"],
  { rejections }: Pick<ChangeSet, "rejections">,
  direction: "undo" | "redo",
): AnnotationState["proposals"] {
  if (rejections.length === 0) return proposals;
  const rejectedIds = new Set(proposals.rejectedIds);
  for (const { id, after } of rejections) {
    if (after === (direction === "redo")) rejectedIds.add(id);
    else rejectedIds.delete(id);
  }
  return { ...proposals, rejectedIds };
}

/** What the steps of earlier visits left rejected: so that they can be undone. */
export function rejectedBy({ done }: Steps): Set<string> {
  const rejectedIds = new Set<string>();
  for (const { id, after } of done.flatMap(({ rejections }) => rejections)) {
    if (after) rejectedIds.add(id);
    else rejectedIds.delete(id);
  }
  return rejectedIds;
}

/** Whether every mask the change set touched is as it left it; somebody else may have changed it since. */
export function isApplicable(
  state: AnnotationState,
  changes: ChangeSet,
  direction: "undo" | "redo",
): boolean {
  return changes.masks.every(({ id, before, after }) =>
    sameMask(state.masks.get(id) ?? null, direction === "undo" ? after : before),
  );
}

/** Whether it changes a mask that is locked now; those stay as they are until somebody unlocks them. */
function touchesLocked({ masks, lockedIds }: AnnotationState, changes: ChangeSet): boolean {
  return changes.masks.some(({ id }) => lockedIds.has(id) && masks.has(id));
}

/** What came of looking for the next step. */
export interface Taken {
  readonly changes: ChangeSet | null;
  /** Steps that were dropped, because somebody else changed their masks since. */
  readonly skipped: number;
  /** Whether the next step would change a locked mask; it stays the next one. */
  readonly isLocked: boolean;
}

/** Change sets that can be undone and done again, the next one last. */
export interface Steps {
  readonly done: readonly ChangeSet[];
  readonly undone: readonly ChangeSet[];
}

export const NO_STEPS: Steps = { done: [], undone: [] };

function bringsLogits({ draft }: ChangeSet): boolean {
  if (!draft) return false;
  const known = new Set(draft.before.candidates.map(({ lowRes }) => lowRes));
  return draft.after.candidates.some(({ lowRes }) => lowRes !== null && !known.has(lowRes));
}

/** Two stacks of change sets; recording a new one forgets what had been undone. */
export class History {
  constructor(private current: Steps = NO_STEPS) {}

  /** Another object after every change. */
  get steps(): Steps {
    return this.current;
  }

  get canUndo(): boolean {
    return this.current.done.length > 0;
  }

  get canRedo(): boolean {
    return this.current.undone.length > 0;
  }

  record(changes: ChangeSet): void {
    const done = [...this.current.done, changes];
    let surplus = Math.max(0, done.filter(bringsLogits).length - DECODES_KEPT);
    while (surplus > 0 || done.length > STEPS_KEPT) {
      if (bringsLogits(done.shift()!)) surplus -= 1;
    }
    this.current = { done, undone: [] };
  }

  /** The next change set to undo or do again that fits `state`; those that do not are dropped and counted. */
  take(state: AnnotationState, direction: "undo" | "redo"): Taken {
    const { done, undone } = this.current;
    const left = [...(direction === "undo" ? done : undone)];
    const count = left.length;
    while (left.length > 0 && !isApplicable(state, left.at(-1)!, direction)) left.pop();
    const skipped = count - left.length;
    const next = left.at(-1);
    const isLocked = next !== undefined && touchesLocked(state, next);
    const changes = isLocked ? null : (left.pop() ?? null);
    const other = direction === "undo" ? undone : done;
    const grown = changes ? [...other, changes] : other;
    if (changes || skipped > 0) {
      this.current = direction === "undo" ? { done: left, undone: grown } : { done: grown, undone: left };
    }
    return { changes, skipped, isLocked };
  }
}

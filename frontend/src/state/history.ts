import type { AnnotationState, Draft, SavedMask } from "./annotation";

/** What one gesture changed, so that undoing it touches nothing else, a colleague's work least of all. */
export interface ChangeSet {
  readonly masks: readonly {
    readonly id: string;
    readonly before: SavedMask | null;
    readonly after: SavedMask | null;
  }[];
  readonly draft: { readonly before: Draft; readonly after: Draft } | null;
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
  return masks.length > 0 || draft ? { masks, draft } : null;
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
  const isSelectionLeft = state.selectedId !== null && masks.has(state.selectedId);
  return { ...state, masks, draft, selectedId: isSelectionLeft ? state.selectedId : null };
}

function bringsLogits({ draft }: ChangeSet): boolean {
  if (!draft) return false;
  const known = new Set(draft.before.candidates.map(({ lowRes }) => lowRes));
  return draft.after.candidates.some(({ lowRes }) => lowRes !== null && !known.has(lowRes));
}

/** Two stacks of change sets; recording a new one forgets what had been undone. */
export class History {
  private undone: ChangeSet[] = [];
  private done: ChangeSet[] = [];

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  record(changes: ChangeSet): void {
    this.done.push(changes);
    this.undone = [];
    const decodes = this.done.filter(bringsLogits).length;
    let surplus = Math.max(0, decodes - DECODES_KEPT);
    while (surplus > 0 || this.done.length > STEPS_KEPT) {
      if (bringsLogits(this.done.shift()!)) surplus -= 1;
    }
  }

  takeUndo(): ChangeSet | null {
    const changes = this.done.pop() ?? null;
    if (changes) this.undone.push(changes);
    return changes;
  }

  takeRedo(): ChangeSet | null {
    const changes = this.undone.pop() ?? null;
    if (changes) this.done.push(changes);
    return changes;
  }
}

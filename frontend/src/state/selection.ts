import type { AnnotationState, SavedMask } from "./annotation";
import { maskAt } from "./hitTest";

// One mask is selected first: the one that tools change, that others are joined to. Locked masks are never selected.

/** The selected masks' ids, the first one first. */
export function selectedIds({ selectedId, alsoSelectedIds }: AnnotationState): string[] {
  return selectedId === null ? [] : [selectedId, ...alsoSelectedIds];
}

export function otherSelected(state: AnnotationState): SavedMask[] {
  return [...state.masks.values()].filter(({ id }) => state.alsoSelectedIds.has(id));
}

/** Exactly these are selected, the first one first. */
export function masksSelected(state: AnnotationState, ids: readonly string[]): AnnotationState {
  const [first, ...rest] = ids.filter((id) => state.masks.has(id) && !state.lockedIds.has(id));
  return { ...state, selectedId: first ?? null, alsoSelectedIds: new Set(rest) };
}

export function maskSelected(state: AnnotationState, id: string | null): AnnotationState {
  if (id === null) return masksSelected(state, []);
  return state.masks.has(id) && !state.lockedIds.has(id) ? masksSelected(state, [id]) : state;
}

/** What is seen at a pixel is selected; nothing there deselects. */
export function maskSelectedAt(state: AnnotationState, x: number, y: number): AnnotationState {
  return maskSelected(state, maskAt(state, x, y, (mask) => !state.lockedIds.has(mask.id))?.id ?? null);
}

/** Adds a mask to the selection or takes it out. */
export function maskSelectionToggled(state: AnnotationState, id: string): AnnotationState {
  const ids = selectedIds(state);
  if (!state.masks.has(id) || state.lockedIds.has(id)) return state;
  return masksSelected(state, ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id]);
}

/** Selects from the first selected mask to `id` as they stand in a list; the first one stays first. */
export function maskSelectionExtended(
  state: AnnotationState,
  listed: readonly string[],
  id: string,
): AnnotationState {
  const to = listed.indexOf(id);
  const from = state.selectedId === null ? -1 : listed.indexOf(state.selectedId);
  if (to < 0 || from < 0) return maskSelected(state, id);
  const range = listed.slice(Math.min(from, to), Math.max(from, to) + 1);
  return masksSelected(state, from <= to ? range : range.reverse());
}

/** The selection without masks that are gone or were locked. */
export function withoutSelected(state: AnnotationState, ids: ReadonlySet<string>): AnnotationState {
  const kept = selectedIds(state).filter((id) => !ids.has(id));
  return kept.length === selectedIds(state).length ? state : masksSelected(state, kept);
}

/** Locked masks leave the selection: what is selected can be changed. */
export function masksLocked(
  state: AnnotationState,
  ids: readonly string[],
  isLocked: boolean,
): AnnotationState {
  const lockedIds = new Set(state.lockedIds);
  for (const id of ids) {
    if (isLocked) lockedIds.add(id);
    else lockedIds.delete(id);
  }
  return withoutSelected({ ...state, lockedIds }, lockedIds);
}

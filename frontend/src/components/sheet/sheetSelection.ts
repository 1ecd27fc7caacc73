/** A stretch of a long list that is loaded: `ids[0]` stands at `offset`. */
export interface Stretch {
  readonly ids: readonly string[];
  readonly offset: number;
}

/** Where one is on the sheet, by place, and what is selected, by id, as places change when pages go. */
export interface Selection {
  readonly at: number;
  /** Where a range begins. */
  readonly anchor: number;
  readonly ids: ReadonlySet<string>;
}

export const NOTHING_SELECTED: Selection = { at: 0, anchor: 0, ids: new Set() };

/** Goes by `step` places, at most to the ends of what is loaded; with `isExtending` all from the anchor on is selected. */
export function moved(selection: Selection, stretch: Stretch, step: number, isExtending: boolean): Selection {
  return movedTo(selection, stretch, selection.at + step, isExtending);
}

export function movedTo(
  selection: Selection,
  stretch: Stretch,
  place: number,
  isExtending: boolean,
): Selection {
  const { offset, ids } = stretch;
  if (ids.length === 0) return selection;
  const at = Math.min(offset + ids.length - 1, Math.max(offset, place));
  if (!isExtending) return { at, anchor: at, ids: new Set() };
  const { anchor } = selection;
  const [from, to] = [Math.min(anchor, at) - offset, Math.max(anchor, at) - offset];
  return { at, anchor, ids: new Set(ids.slice(Math.max(0, from), to + 1)) };
}

/** Adds what stands at a place to the selection, or takes it out; ranges begin there from now on. */
export function toggledAt(selection: Selection, stretch: Stretch, place: number): Selection {
  const id = stretch.ids[place - stretch.offset];
  if (id === undefined) return selection;
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { at: place, anchor: place, ids };
}

/** What a decision is about: what is selected, else the one that one is at. */
export function chosenIds({ ids, at }: Selection, stretch: Stretch): string[] {
  if (ids.size > 0) return [...ids];
  const id = stretch.ids[at - stretch.offset];
  return id === undefined ? [] : [id];
}

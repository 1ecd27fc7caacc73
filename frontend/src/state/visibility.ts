import type { AnnotationState } from "./annotation";

// Hiding and locking are one person's way of looking at one image: neither saved with the masks nor undone.

/** What of the view outlives the visit of an image. */
export interface StoredView {
  readonly hidden: readonly string[];
  readonly locked: readonly string[];
}

/** What is remembered of the images visited last, the latest last: by image id. */
export type StoredViews = readonly (readonly [number, StoredView])[];

const IMAGES_REMEMBERED = 200;

export function withStoredView(views: StoredViews, imageId: number, view: StoredView): StoredViews {
  const others = views.filter(([id]) => id !== imageId);
  const isWorthIt = view.hidden.length + view.locked.length > 0;
  return isWorthIt ? [...others, [imageId, view] as const].slice(-IMAGES_REMEMBERED) : others;
}

export function isShown({ hiddenIds, soloHiddenIds }: AnnotationState, id: string): boolean {
  return !hiddenIds.has(id) && !soloHiddenIds.has(id);
}

export function masksHidden(
  state: AnnotationState,
  ids: readonly string[],
  isHidden: boolean,
): AnnotationState {
  return { ...state, hiddenIds: withMembers(state.hiddenIds, ids, isHidden) };
}

/** Only these are shown, besides masks made from now on; again, or without any, all are back as they were. */
export function soloToggled(state: AnnotationState, ids: readonly string[]): AnnotationState {
  if (state.soloHiddenIds.size > 0 || ids.length === 0) return { ...state, soloHiddenIds: new Set() };
  return { ...state, soloHiddenIds: withMembers(new Set(state.masks.keys()), ids, false) };
}

/** Masks that are gone need no memory of how they were looked at. */
export function storedViewOf({ hiddenIds, lockedIds, masks }: AnnotationState): StoredView {
  const left = (ids: ReadonlySet<string>) => [...ids].filter((id) => masks.has(id));
  return { hidden: left(hiddenIds), locked: left(lockedIds) };
}

export function viewRestored(state: AnnotationState, { hidden, locked }: StoredView): AnnotationState {
  return { ...state, hiddenIds: new Set(hidden), lockedIds: new Set(locked) };
}

/** Views as they were stored; what is something else is left out. */
export function readStoredViews(value: unknown): StoredViews {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    if (!Array.isArray(entry) || typeof entry[0] !== "number") return [];
    return [[entry[0], readStoredView(entry[1])] as const];
  });
}

function readStoredView(value: unknown): StoredView {
  const record = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  const ids = (list: unknown) =>
    Array.isArray(list) ? list.filter((id): id is string => typeof id === "string") : [];
  return { hidden: ids(record.hidden), locked: ids(record.locked) };
}

function withMembers(set: ReadonlySet<string>, ids: readonly string[], areMembers: boolean): Set<string> {
  const result = new Set(set);
  for (const id of ids) {
    if (areMembers) result.add(id);
    else result.delete(id);
  }
  return result;
}

import type { AnnotationState, SavedMask } from "./annotation";

/** The saved masks are those the server told, but for `changedHere`, which stay as they are. */
export function masksRead(
  state: AnnotationState,
  masks: readonly SavedMask[],
  changedHere: ReadonlySet<string>,
): AnnotationState {
  const read = new Map(masks.filter(({ id }) => !changedHere.has(id)).map((mask) => [mask.id, mask]));
  const kept = [...state.masks.values()].flatMap((mask) =>
    changedHere.has(mask.id) ? [mask] : (read.get(mask.id) ?? []),
  );
  const next = new Map([...kept, ...read.values()].map((mask) => [mask.id, mask]));
  const isSame =
    next.size === state.masks.size && [...next].every(([id, mask]) => state.masks.get(id) === mask);
  if (isSame) return state;
  const { selectedId } = state;
  return {
    ...state,
    masks: next,
    selectedId: selectedId !== null && next.has(selectedId) ? selectedId : null,
    alsoSelectedIds: new Set([...state.alsoSelectedIds].filter((id) => next.has(id))),
  };
}

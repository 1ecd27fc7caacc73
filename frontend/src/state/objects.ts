import type { Label } from "../api/types";
import type { AnnotationState, AttributeValue, SavedMask } from "./annotation";
import { attributesFor } from "./attributes";
import { withoutSelected } from "./selection";

// What is done to several masks at once: one entry in the history. Locked masks stay as they are.

export function masksDeleted(state: AnnotationState, ids: readonly string[]): AnnotationState {
  const gone = new Set(changeable(state, ids).map(({ id }) => id));
  if (gone.size === 0) return state;
  const masks = new Map([...state.masks].filter(([id]) => !gone.has(id)));
  return withoutSelected({ ...state, masks }, gone);
}

/** Another label, or none; what was said of attributes both labels have by name and kind is kept. */
export function masksRelabelled(
  state: AnnotationState,
  ids: readonly string[],
  labelId: number | null,
  labels: readonly Label[],
): AnnotationState {
  const definitionsOf = (id: number | null) => labels.find((label) => label.id === id)?.attributes ?? [];
  return withChanged(state, ids, (mask) =>
    mask.labelId === labelId
      ? mask
      : {
          ...mask,
          labelId,
          tool: "relabel",
          attributes: attributesFor(mask.attributes, definitionsOf(mask.labelId), definitionsOf(labelId)),
        },
  );
}

export function masksDescribed(
  state: AnnotationState,
  ids: readonly string[],
  attributeId: number,
  value: AttributeValue,
): AnnotationState {
  return withChanged(state, ids, (mask) =>
    mask.attributes[attributeId] === value
      ? mask
      : { ...mask, tool: "other", attributes: { ...mask.attributes, [attributeId]: value } },
  );
}

function changeable(state: AnnotationState, ids: readonly string[]): SavedMask[] {
  return ids.flatMap((id) => {
    const mask = state.masks.get(id);
    return mask && !state.lockedIds.has(id) ? [mask] : [];
  });
}

function withChanged(
  state: AnnotationState,
  ids: readonly string[],
  change: (mask: SavedMask) => SavedMask,
): AnnotationState {
  const masks = new Map(state.masks);
  let isChanged = false;
  for (const mask of changeable(state, ids)) {
    const changed = change(mask);
    if (changed !== mask) isChanged = true;
    masks.set(mask.id, changed);
  }
  return isChanged ? { ...state, masks } : state;
}

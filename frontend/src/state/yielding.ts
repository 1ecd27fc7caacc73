import { indexMask, type IndexedMask } from "../masks/columns";
import { emptyMask, masksEqual, subtractMask, uniteMasks } from "../masks/combine";
import { boxesMeet } from "../masks/overlap";
import type { Rle } from "../masks/rle";
import type { AnnotationState, SavedMask } from "./annotation";
import { isShown } from "./visibility";

/** Of so many masks the union is made anew for each mask that yields; of more, once for all that come. */
const FEW = 64;

/** What a mask yields to. */
type Others = Pick<AnnotationState, "masks" | "hiddenIds" | "soloHiddenIds"> & {
  readonly refinedId: string | null;
};

interface Remembered<Value> {
  readonly others: Others;
  readonly value: Value;
}

// While one points and draws, only the mask changes: what it yields to is put together once, and each mask's result is
// asked for with every hover and every row pointed at. Both go with their keys.
const unions = new WeakMap<AnnotationState["masks"], Remembered<Rle>>();
const results = new WeakMap<IndexedMask, Remembered<IndexedMask>>();

/**
 * A new mask without the pixels of visible saved masks; the mask itself where it meets none. The mask that is being
 * refined is no other mask.
 */
export function yieldedMask(state: AnnotationState, mask: IndexedMask): IndexedMask {
  const { masks, hiddenIds, soloHiddenIds, draft } = state;
  const others = { masks, hiddenIds, soloHiddenIds, refinedId: draft.refinedId };
  return remembered(results, mask, others, () => {
    const shown = shownOthers(state);
    const met = shown.filter((other) => boxesMeet(mask.bbox, other.mask.bbox));
    if (met.length === 0) return mask;
    const union = (those: readonly SavedMask[]) =>
      uniteMasks(those.map((other) => other.mask.rle)) ?? emptyMask(state.size);
    const taken = met.length <= FEW ? union(met) : remembered(unions, masks, others, () => union(shown));
    const rle = subtractMask(mask.rle, taken);
    return masksEqual(rle, mask.rle) ? mask : indexMask(rle);
  });
}

function shownOthers(state: AnnotationState): SavedMask[] {
  return [...state.masks.values()].filter(({ id }) => isShown(state, id) && id !== state.draft.refinedId);
}

function remembered<Key extends object, Value>(
  memory: WeakMap<Key, Remembered<Value>>,
  key: Key,
  others: Others,
  make: () => Value,
): Value {
  const known = memory.get(key);
  if (known && areSame(known.others, others)) return known.value;
  const value = make();
  memory.set(key, { others, value });
  return value;
}

function areSame(a: Others, b: Others): boolean {
  return (
    a.masks === b.masks &&
    a.hiddenIds === b.hiddenIds &&
    a.soloHiddenIds === b.soloHiddenIds &&
    a.refinedId === b.refinedId
  );
}

import { useLocalStorage } from "@mantine/hooks";
import { useEffect, useMemo } from "react";
import type { AnnotationStore } from "../../state/store";
import { readViewOptions } from "../../state/viewOptions";
import { readStoredViews, storedViewOf, viewRestored, withStoredView } from "../../state/visibility";
import { keymapWith, readKeyChanges } from "../../tools/keymap";

/** Something one person keeps in this browser, checked by `read` whenever it is read. */
function useStored<Value>(userId: number, name: string, read: (value: unknown) => Value) {
  return useLocalStorage<Value>({
    key: keyOf(userId, name),
    defaultValue: useMemo(() => read(null), [read]),
    getInitialValueInEffect: false,
    deserialize: (text) => read(parsed(text)),
  });
}

/** How this person looks at images, and the keys they chose. */
export function usePreferences(userId: number) {
  const [viewOptions, setViewOptions] = useStored(userId, "view", readViewOptions);
  const [keyChanges, setKeyChanges] = useStored(userId, "keys", readKeyChanges);
  const keymap = useMemo(() => keymapWith(keyChanges), [keyChanges]);
  return { viewOptions, setViewOptions, keyChanges, setKeyChanges, keymap };
}

/** What was hidden and locked on the last visit is so again. */
export function restoreView(store: AnnotationStore, userId: number, imageId: number): void {
  const stored = storedViews(userId).find(([id]) => id === imageId);
  if (stored) store.applyRemote((state) => viewRestored(state, stored[1]));
}

/** Keeps what is hidden and locked on an image for the next visit. */
export function useRememberedView(store: AnnotationStore, userId: number, imageId: number): void {
  useEffect(() => {
    let { hiddenIds, lockedIds } = store.getState();
    return store.subscribe(() => {
      const state = store.getState();
      if (state.hiddenIds === hiddenIds && state.lockedIds === lockedIds) return;
      ({ hiddenIds, lockedIds } = state);
      // Read again: other images of this person may be open in other tabs.
      const views = withStoredView(storedViews(userId), imageId, storedViewOf(state));
      try {
        localStorage.setItem(keyOf(userId, "objects"), JSON.stringify(views));
      } catch {
        // No room or no permission: the next visit begins with everything shown, nothing is lost.
      }
    });
  }, [store, userId, imageId]);
}

function storedViews(userId: number) {
  try {
    return readStoredViews(parsed(localStorage.getItem(keyOf(userId, "objects")) ?? undefined));
  } catch {
    return [];
  }
}

function keyOf(userId: number, name: string): string {
  return `anymask.${name}.${userId}`;
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

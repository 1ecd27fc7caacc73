import { useMemo, useSyncExternalStore } from "react";
import type { ChangeBook } from "../../state/changeBook";
import type { Conflict } from "../../state/pendingChange";

/** This person's undecided conflicts on an image. */
export function useConflicts(book: ChangeBook, imageId: number): readonly Conflict[] {
  const all = useSyncExternalStore(book.subscribe, book.getConflicts);
  return useMemo(() => {
    const own = new Set(book.conflictsOf(imageId));
    return all.filter((conflict) => own.has(conflict));
  }, [book, all, imageId]);
}

import type { Taken } from "../../state/history";

/** What is to be said of a step that was undone or done again; null where it went as it should. */
export function stepHint({ skipped, isLocked }: Taken): string | null {
  if (isLocked) return "The next step would change a locked mask. Unlock it first.";
  const what = skipped === 1 ? "A step was" : `${skipped} steps were`;
  return skipped > 0 ? `${what} skipped: somebody else changed that mask since.` : null;
}

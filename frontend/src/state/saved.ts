import type { ChangeBook } from "./changeBook";

/** How what waits for an image ended: all is on the server, or not, and why not. */
export type SavedAnswer = { readonly isSaved: true } | { readonly isSaved: false; readonly reason: string };

/** Done when nothing of an image waits for the server any more, or when it will not get there by itself. */
export function allSaved(
  book: Pick<ChangeBook, "waitingFor" | "conflictsOf" | "getStatus" | "subscribe">,
  imageId: number,
  patienceMs: number,
): Promise<SavedAnswer> {
  const look = (): SavedAnswer | null => {
    if (book.conflictsOf(imageId).length > 0) {
      return {
        isSaved: false,
        reason: "A mask was changed by two people. Decide which version stays first.",
      };
    }
    if (book.waitingFor(imageId).size === 0) return { isSaved: true };
    const { kind, problem } = book.getStatus();
    if (kind === "saving") return null;
    return { isSaved: false, reason: problem?.message ?? "Masks of this image are not saved yet." };
  };
  return new Promise((resolve) => {
    const settle = (answer: SavedAnswer) => {
      leave();
      clearTimeout(timer);
      resolve(answer);
    };
    const leave = book.subscribe(() => {
      const answer = look();
      if (answer) settle(answer);
    });
    const timer = setTimeout(
      () => settle({ isSaved: false, reason: "Masks of this image are not saved yet. Try again." }),
      patienceMs,
    );
    const answer = look();
    if (answer) settle(answer);
  });
}

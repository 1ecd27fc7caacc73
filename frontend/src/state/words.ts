import { EMPTY_DRAFT, type AnnotationState, type Candidate, type WordPrompt } from "./annotation";

/** The model's answer to a word is the mask being made, in place of what was: clicks go on from it. */
export function wordAnswered(
  state: AnnotationState,
  { word, nearest }: Pick<WordPrompt, "word" | "nearest">,
  candidates: readonly Candidate[],
): AnnotationState {
  return {
    ...state,
    draft: { ...EMPTY_DRAFT, word: { word, nearest, candidates, chosen: 0 }, candidates },
    selectedId: null,
    alsoSelectedIds: new Set(),
  };
}

/** What is to be said of a word that the model has not learned; null where it has. */
export function unknownWordNote({ word, nearest }: Pick<WordPrompt, "word" | "nearest">): string | null {
  return nearest.isKnown ? null : `The model has not learned “${word}”; nearest word: ${nearest.name}.`;
}

/** The label that is called as the word, in whatever case; null where none is. */
export function labelNamed<Label extends { readonly id: number; readonly name: string }>(
  labels: readonly Label[],
  word: string,
): Label | null {
  const plain = (text: string) => text.trim().toLowerCase();
  return labels.find(({ name }) => plain(name) === plain(word)) ?? null;
}

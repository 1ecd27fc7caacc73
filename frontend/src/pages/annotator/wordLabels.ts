import type { Label } from "../../api/types";
import * as actions from "../../state/actions";
import type { AnnotationStore } from "../../state/store";
import { labelNamed } from "../../state/words";

/** A word that is a label's name chooses that label for the mask it leads to, and only for that one. */
export class WordLabels {
  /** What tells one answer to a word from another, and from none. */
  private answer: unknown = null;
  private chosen: { readonly labelId: number; readonly before: number | null } | null = null;

  constructor(
    private readonly store: AnnotationStore,
    private readonly labels: () => readonly Label[],
  ) {
    store.subscribe(() => this.follow());
  }

  /** However the answer came or went: asked for, saved, given up, undone, done again. */
  private follow(): void {
    const { draft, labelId } = this.store.getState();
    const answer = draft.word?.candidates ?? null;
    if (answer === this.answer) return;
    this.answer = answer;
    // Another label that somebody chose meanwhile stays.
    const before = this.chosen?.labelId === labelId ? this.chosen.before : labelId;
    const named = draft.word ? labelNamed(this.labels(), draft.word.word) : null;
    this.chosen = named ? { labelId: named.id, before } : null;
    const wanted = named ? named.id : before;
    if (wanted !== labelId) this.store.applyRemote((state) => actions.labelChosen(state, wanted));
  }
}

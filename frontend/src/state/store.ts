import type { AnnotationState } from "./annotation";
import { changesBetween, History, withChanges, type ChangeSet } from "./history";

type LocalChangeListener = (changes: ChangeSet) => void;

/** Holds the annotator's state. Local changes enter the history and are reported for saving; remote ones do neither. */
export class AnnotationStore {
  private readonly history = new History();
  private readonly listeners = new Set<() => void>();

  constructor(
    private state: AnnotationState,
    private readonly onLocalChange: LocalChangeListener,
  ) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getState = (): AnnotationState => this.state;

  get canUndo(): boolean {
    return this.history.canUndo;
  }

  get canRedo(): boolean {
    return this.history.canRedo;
  }

  /** Applies a gesture of this person: one entry in the history. */
  apply(action: (state: AnnotationState) => AnnotationState): void {
    const before = this.state;
    const after = action(before);
    if (after === before) return;
    const changes = changesBetween(before, after);
    if (changes) this.history.record(changes);
    this.set(after);
    if (changes) this.onLocalChange(changes);
  }

  /** Applies what happened elsewhere. */
  applyRemote(action: (state: AnnotationState) => AnnotationState): void {
    this.set(action(this.state));
  }

  undo(): void {
    this.step(this.history.takeUndo(), "undo");
  }

  redo(): void {
    this.step(this.history.takeRedo(), "redo");
  }

  private step(changes: ChangeSet | null, direction: "undo" | "redo"): void {
    if (!changes) return;
    const before = this.state;
    this.set(withChanges(before, changes, direction));
    const difference = changesBetween(before, this.state);
    if (difference) this.onLocalChange(difference);
  }

  private set(state: AnnotationState): void {
    if (state === this.state) return;
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

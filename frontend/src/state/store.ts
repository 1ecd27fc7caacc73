import { Listeners } from "../common/listeners";
import { toCoco } from "../masks/rleString";
import type { AnnotationState, SavedMask } from "./annotation";
import { proposalsFollowed } from "./proposals";
import { changesBetween, History, withChanges, type ChangeSet, type Steps, type Taken } from "./history";

/**
 * What the server is told of a step that was undone or done again: it is a state of before, brought back. A shape that was the
 * model's own still is, which its tool no longer tells.
 */
function asRestored(changes: ChangeSet): ChangeSet {
  const masks = changes.masks.map(({ after, ...rest }) => ({ ...rest, after: after && restored(after) }));
  return { ...changes, masks };
}

function restored(saved: SavedMask): SavedMask {
  const isAsGiven = saved.model !== null && (saved.tool === "smart" || saved.tool === "box");
  const given = isAsGiven ? (saved.modelSegmentation ?? toCoco(saved.mask.rle)) : saved.modelSegmentation;
  return { ...saved, tool: "restore", modelSegmentation: given };
}

/** Whether the server is told of it: the mask being made is nobody else's business. */
function isKept({ masks, rejections }: ChangeSet): boolean {
  return masks.length > 0 || rejections.length > 0;
}

/** Told every change of this person's, and whether it takes a step back, does it again, or is new. */
type LocalChangeListener = (changes: ChangeSet, way: "gesture" | "undo" | "redo") => void;

/** Holds the annotator's state. Local changes enter the history and are reported for saving; remote ones do neither. */
export class AnnotationStore {
  private readonly history: History;
  /** Set while masks may only be looked at: told instead of every change of one. */
  private onRefused: (() => void) | null = null;
  private readonly listeners = new Listeners();
  readonly subscribe = this.listeners.subscribe;

  /** `steps` is what can be undone from an earlier visit. */
  constructor(
    private state: AnnotationState,
    private readonly onLocalChange: LocalChangeListener,
    steps?: Steps,
  ) {
    this.history = new History(steps);
  }

  getState = (): AnnotationState => this.state;

  /** What can be undone and done again now; another object after every change. */
  get steps(): Steps {
    return this.history.steps;
  }

  get canUndo(): boolean {
    return this.onRefused === null && this.history.canUndo;
  }

  get canRedo(): boolean {
    return this.onRefused === null && this.history.canRedo;
  }

  /** From now on masks may only be looked at, and whoever tries to change one is told so; null opens them again. */
  refuseChanges(onRefused: (() => void) | null): void {
    this.onRefused = onRefused;
    this.publish();
  }

  /** Applies a gesture of this person: one entry in the history. */
  apply(action: (state: AnnotationState) => AnnotationState): void {
    const before = this.state;
    const after = proposalsFollowed(before, action(before));
    if (after === before) return;
    const changes = changesBetween(before, after);
    if (this.onRefused && changes && isKept(changes)) {
      this.onRefused();
      return;
    }
    if (changes) this.history.record(changes);
    this.set(after);
    if (changes) this.onLocalChange(changes, "gesture");
  }

  /** Applies what happened elsewhere. */
  applyRemote(action: (state: AnnotationState) => AnnotationState): void {
    this.set(proposalsFollowed(this.state, action(this.state)));
  }

  /** Undoes the last step that can be. Returns which were skipped, and whether a locked mask stands in the way. */
  undo(): Taken {
    return this.step("undo");
  }

  redo(): Taken {
    return this.step("redo");
  }

  private step(direction: "undo" | "redo"): Taken {
    const before = this.state;
    if (this.onRefused) {
      this.onRefused();
      return { changes: null, skipped: 0, isLocked: false };
    }
    const taken = this.history.take(before, direction);
    const { changes, skipped } = taken;
    if (changes) {
      this.state = withChanges(before, changes, direction);
      const difference = changesBetween(before, this.state);
      this.publish();
      if (difference) this.onLocalChange(asRestored(difference), direction);
    } else if (skipped > 0) this.publish();
    return taken;
  }

  private set(state: AnnotationState): void {
    if (state === this.state) return;
    this.state = state;
    this.publish();
  }

  private publish(): void {
    this.listeners.tell();
  }
}

import { emptyMask, subtractMask, unionMasks } from "../../masks/combine";
import { indexMask, type IndexedMask } from "../../masks/columns";
import type { Rle } from "../../masks/rle";
import { editTarget, maskEdited } from "../../state/editing";
import { drawingTool, type DrawingTool, type EditMode } from "../../state/sketch";
import type { AnnotationStore } from "../../state/store";
import type { Hint } from "../../tools/keymap";

/** A mask as a gesture under way leaves it; `id` is null for the mask being made. */
export interface EditedMask {
  readonly id: string | null;
  readonly mask: IndexedMask;
}

interface Gesture extends EditedMask {
  /** What the gesture started from, null for an empty image. */
  readonly base: IndexedMask | null;
  readonly tool: DrawingTool;
}

/** One gesture by hand: shown while it lasts, one step in the history when it ends. */
export class HandEditing {
  private gesture: Gesture | null = null;

  constructor(
    private readonly store: AnnotationStore,
    private readonly onShow: (edited: EditedMask | null) => void,
    private readonly onHint: (hint: Hint) => void,
  ) {}

  paint(shape: Rle, mode: EditMode, tool: DrawingTool): void {
    const target = editTarget(this.store.getState());
    if (!this.gesture && !target && mode === "subtract") {
      this.onHint("Select a mask first: there is nothing to take away from.");
      return;
    }
    const start = { id: target?.id ?? null, base: target?.mask ?? null };
    const gesture = this.gesture ?? { ...start, mask: start.base };
    const before = gesture.mask?.rle ?? emptyMask(shape.size);
    const rle = mode === "add" ? unionMasks(before, shape) : subtractMask(before, shape);
    this.gesture = { ...gesture, mask: indexMask(rle), tool: drawingTool(tool, mode) };
    this.onShow(this.gesture);
  }

  finish(): void {
    const gesture = this.gesture;
    this.giveUp();
    if (!gesture) return;
    const target = editTarget(this.store.getState());
    // A colleague's change came in between: theirs stands, painting over it unseen would undo it.
    if ((target?.mask ?? null) !== gesture.base || (target?.id ?? null) !== gesture.id) return;
    if (gesture.mask.area === 0 && gesture.id !== null) {
      this.onHint(
        (keyText) =>
          `A saved mask cannot be emptied. ${keyText({ name: "delete" }) || "The bin in the list"} removes it.`,
      );
      return;
    }
    this.store.apply((state) => maskEdited(state, gesture.mask.rle, gesture.tool));
  }

  giveUp(): void {
    if (!this.gesture) return;
    this.gesture = null;
    this.onShow(null);
  }
}

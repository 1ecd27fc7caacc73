import type { ViewPoint } from "../geometry/points";

export type ToolName = "smart" | "brush" | "eraser" | "polygon" | "rectangle" | "comment";

/** The eraser is the other end of a pen. */
export type PointerButton = "primary" | "middle" | "secondary" | "eraser";

export interface PointerInput {
  readonly at: ViewPoint;
  readonly button: PointerButton;
  readonly isAlt: boolean;
  readonly isShift: boolean;
  /** Ctrl, or the command key. */
  readonly isCtrl: boolean;
}

/** Handles one pointer at a time: down, moves, up; or moves without a button. */
export interface Tool {
  readonly cursor: string;
  enter(): void;
  exit(): void;
  down(input: PointerInput): void;
  move(input: PointerInput): void;
  up(input: PointerInput): void;
  /** The pointer left the canvas without a button down. */
  leave(): void;
  /** In place of `exit` while the image is panned, for tools whose gesture outlives that. */
  pause?(): void;
  /** Ends the gesture under way without effect. Returns whether there was one. */
  giveUp?(): boolean;
  /** Completes a shape drawn click by click, or takes its last click back. Returns whether there was one. */
  accept?(): boolean;
  stepBack?(): boolean;
  /** Removes what is under the pointer. Returns whether there was something. */
  removeHovered?(): boolean;
}

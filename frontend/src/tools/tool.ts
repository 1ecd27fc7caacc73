import type { ViewPoint } from "../geometry/points";

export type PointerButton = "primary" | "middle" | "secondary";

export interface PointerInput {
  readonly at: ViewPoint;
  readonly button: PointerButton;
  readonly isAlt: boolean;
  readonly isShift: boolean;
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
}

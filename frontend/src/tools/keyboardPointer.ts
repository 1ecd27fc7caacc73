import { viewPoint, type ViewPoint } from "../geometry/points";
import type { Size } from "../geometry/size";
import { viewCentre } from "../geometry/viewport";
import type { OnePointer } from "./pointerGestures";
import type { PointerButton, PointerInput } from "./tool";

/** How far a key moves it, in CSS pixels: on an enlarged image that is less than a pixel of it. */
export const POINTER_STEP = 12;

/**
 * A pointer for those who have none: keys move it over the stage, click with it and hold it down. What it does is what
 * the tool does for any pointer. It is in the middle at first, and goes when another pointer comes.
 */
export class KeyboardPointer {
  private at: ViewPoint | null = null;
  private isHeld = false;

  constructor(
    private readonly tool: OnePointer,
    private readonly onMove: (at: ViewPoint | null) => void,
  ) {}

  move(dx: number, dy: number, room: Size): void {
    if (!this.appeared(room)) return;
    const within = (value: number, side: number) => Math.min(side - 1, Math.max(0, value));
    const { x, y } = this.at!;
    this.goTo(viewPoint(within(x + dx, room.width), within(y + dy, room.height)));
  }

  /** The first key only shows where it is: nothing is clicked unseen. */
  press(button: PointerButton, room: Size): void {
    if (!this.appeared(room) || this.isHeld) return;
    this.tool.down(this.input(button));
    this.tool.up(this.input(button));
  }

  /** Down, and up the next time: a box between the two, a stroke, a corner that is dragged. */
  toggleHeld(room: Size): void {
    if (!this.appeared(room)) return;
    this.isHeld = !this.isHeld;
    if (this.isHeld) this.tool.down(this.input("primary"));
    else this.tool.up(this.input("primary"));
  }

  /** The gesture has been given up. */
  release(): void {
    this.isHeld = false;
  }

  leave(): void {
    if (!this.at) return;
    if (this.isHeld) this.tool.cancel();
    this.isHeld = false;
    this.at = null;
    this.onMove(null);
  }

  private appeared(room: Size): boolean {
    if (this.at) return true;
    this.goTo(viewCentre(room));
    return false;
  }

  private goTo(at: ViewPoint): void {
    this.at = at;
    this.tool.move(this.input("primary"));
    this.onMove(at);
  }

  private input(button: PointerButton): PointerInput {
    return { at: this.at!, button, isAlt: false, isShift: false, isCtrl: false };
  }
}

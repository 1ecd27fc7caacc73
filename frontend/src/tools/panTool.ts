import type { ViewPoint } from "../geometry/points";
import type { PointerInput, Tool } from "./tool";

/** Drags the image along; reports the way since the last report in CSS pixels. */
export class PanTool implements Tool {
  readonly cursor = "grab";
  private last: ViewPoint | null = null;

  constructor(private readonly onPan: (dx: number, dy: number) => void) {}

  enter(): void {
    this.last = null;
  }

  exit(): void {
    this.last = null;
  }

  down(input: PointerInput): void {
    this.last = input.at;
  }

  move(input: PointerInput): void {
    if (!this.last) return;
    this.onPan(input.at.x - this.last.x, input.at.y - this.last.y);
    this.last = input.at;
  }

  up(): void {
    this.last = null;
  }

  leave(): void {
    this.last = null;
  }
}

import type { ImagePoint } from "../geometry/points";
import { strokeMask } from "../masks/shapes";
import { brushCentre, type EditMode } from "../state/sketch";
import { imageAt, modeOf, selects, type EditToolHost } from "./editTool";
import type { PointerInput, Tool } from "./tool";

/** Brush and eraser: paints a disc along the pointer's path. */
export class StrokeTool implements Tool {
  readonly cursor = "crosshair";
  private last: ImagePoint | null = null;
  private mode: EditMode;

  constructor(
    private readonly host: EditToolHost,
    private readonly usual: EditMode,
  ) {
    this.mode = usual;
  }

  enter(): void {
    this.last = null;
  }

  exit(): void {
    this.finish();
    this.host.onSketch(null);
  }

  down(input: PointerInput): void {
    if (selects(this.host, input)) return;
    this.mode = modeOf(input, this.usual);
    this.paintTo(input);
  }

  move(input: PointerInput): void {
    const mode = this.last ? this.mode : modeOf(input, this.usual);
    this.host.onSketch({ kind: "brush", at: imageAt(this.host, input), mode });
    if (this.last) this.paintTo(input);
  }

  up(): void {
    this.finish();
  }

  leave(): void {
    this.host.onSketch(null);
  }

  giveUp(): boolean {
    const wasPainting = this.last !== null;
    this.last = null;
    if (wasPainting) this.host.onPaintGivenUp();
    return wasPainting;
  }

  private paintTo(input: PointerInput): void {
    const diameter = this.host.brushDiameter();
    const at = brushCentre(diameter, imageAt(this.host, input));
    this.host.onPaint(strokeMask([this.last ?? at, at], diameter / 2, this.host.image), this.mode);
    this.last = at;
  }

  private finish(): void {
    if (this.last) this.host.onPaintEnd();
    this.last = null;
  }
}

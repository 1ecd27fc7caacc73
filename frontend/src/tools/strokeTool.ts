import { distance, type ImagePoint } from "../geometry/points";
import { strokeMask } from "../masks/shapes";
import { brushCentre, type EditMode } from "../state/sketch";
import { imageAt, modeOf, selects, type EditToolHost } from "./editTool";
import type { PointerInput, Tool } from "./tool";

/** A press with Shift that moves further than this, in CSS pixels, draws a line; a shorter one selects. */
const LINE_THRESHOLD = 5;

interface Line {
  readonly press: PointerInput;
  readonly from: ImagePoint;
  readonly isDrawn: boolean;
}

/** Brush and eraser: paints a disc along the pointer's path, or with Shift along a straight line. */
export class StrokeTool implements Tool {
  readonly cursor = "crosshair";
  private last: ImagePoint | null = null;
  private line: Line | null = null;
  private mode: EditMode;

  constructor(
    private readonly host: EditToolHost,
    private readonly usual: EditMode,
  ) {
    this.mode = usual;
  }

  enter(): void {
    this.last = null;
    this.line = null;
  }

  exit(): void {
    this.finish();
    this.line = null;
    this.host.onSketch(null);
  }

  down(input: PointerInput): void {
    this.mode = modeOf(input, this.usual);
    if (input.isShift) this.line = { press: input, from: this.centre(input), isDrawn: false };
    else this.paintTo(input);
  }

  move(input: PointerInput): void {
    const { line } = this;
    if (line) {
      const isDrawn = line.isDrawn || distance(line.press.at, input.at) > LINE_THRESHOLD;
      this.line = { ...line, isDrawn };
      if (isDrawn)
        this.host.onSketch({ kind: "line", from: line.from, to: this.centre(input), mode: this.mode });
      return;
    }
    const mode = this.last ? this.mode : modeOf(input, this.usual);
    this.host.onSketch({ kind: "brush", at: imageAt(this.host, input), mode });
    if (this.last) this.paintTo(input);
  }

  up(input: PointerInput): void {
    const { line } = this;
    this.line = null;
    if (!line) {
      this.finish();
      return;
    }
    if (!line.isDrawn) {
      selects(this.host, line.press);
      return;
    }
    this.paint(line.from, this.centre(input));
    this.finish();
    this.host.onSketch({ kind: "brush", at: imageAt(this.host, input), mode: this.mode });
  }

  leave(): void {
    this.host.onSketch(null);
  }

  giveUp(): boolean {
    const [wasPainting, line] = [this.last !== null, this.line];
    this.last = null;
    this.line = null;
    if (line) this.host.onSketch(null);
    if (wasPainting) this.host.onPaintGivenUp();
    return wasPainting || line !== null;
  }

  private paintTo(input: PointerInput): void {
    const at = this.centre(input);
    this.paint(this.last ?? at, at);
  }

  private paint(from: ImagePoint, to: ImagePoint): void {
    const radius = this.host.brushDiameter() / 2;
    this.host.onPaint(strokeMask([from, to], radius, this.host.image), this.mode);
    this.last = to;
  }

  private centre(input: PointerInput): ImagePoint {
    return brushCentre(this.host.brushDiameter(), imageAt(this.host, input));
  }

  private finish(): void {
    if (this.last) this.host.onPaintEnd();
    this.last = null;
  }
}

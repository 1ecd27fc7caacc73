import { boxFromCorners, boxOnImage, type ImageBox } from "../geometry/boxes";
import type { ImagePoint } from "../geometry/points";
import { rectangleMask } from "../masks/shapes";
import type { EditMode } from "../state/sketch";
import { imageAt, modeOf, selects, type EditToolHost } from "./editTool";
import type { PointerInput, Tool } from "./tool";

/** Fills the whole pixels of a dragged rectangle. */
export class RectangleTool implements Tool {
  readonly cursor = "crosshair";
  private corner: ImagePoint | null = null;
  private mode: EditMode = "add";

  constructor(private readonly host: EditToolHost) {}

  enter(): void {
    this.corner = null;
  }

  exit(): void {
    this.giveUp();
  }

  down(input: PointerInput): void {
    if (selects(this.host, input)) return;
    this.corner = imageAt(this.host, input);
    this.mode = modeOf(input, "add");
  }

  move(input: PointerInput): void {
    if (!this.corner) return;
    const box = this.boxTo(input);
    this.host.onSketch(box ? { kind: "rectangle", box, mode: this.mode } : null);
  }

  up(input: PointerInput): void {
    const box = this.boxTo(input);
    this.giveUp();
    if (!box) return;
    this.host.onPaint(rectangleMask(box, this.host.image), this.mode);
    this.host.onPaintEnd();
  }

  leave(): void {
    this.host.onSketch(null);
  }

  giveUp(): boolean {
    const wasDragging = this.corner !== null;
    this.corner = null;
    this.host.onSketch(null);
    return wasDragging;
  }

  private boxTo(input: PointerInput): ImageBox | null {
    if (!this.corner) return null;
    return boxOnImage(boxFromCorners(this.corner, imageAt(this.host, input)), this.host.image);
  }
}

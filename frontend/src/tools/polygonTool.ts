import { imageToView } from "../geometry/frames";
import { distance, type ImagePoint } from "../geometry/points";
import { polygonMask } from "../masks/shapes";
import type { EditMode } from "../state/sketch";
import { imageAt, modeOf, selects, type EditToolHost } from "./editTool";
import type { PointerInput, Tool } from "./tool";

/** A click this near the first corner closes the polygon; this near the last one it is a double click. CSS pixels. */
const CLOSING_DISTANCE = 10;
const DOUBLE_CLICK_DISTANCE = 3;

/** A corner per click; a click on the first corner, a double click or Enter fills the polygon. */
export class PolygonTool implements Tool {
  readonly cursor = "crosshair";
  private vertices: ImagePoint[] = [];
  private pointer: ImagePoint | null = null;
  private mode: EditMode = "add";

  constructor(private readonly host: EditToolHost) {}

  enter(): void {
    this.show();
  }

  exit(): void {
    this.giveUp();
  }

  /** Panning in between keeps the corners. */
  pause(): void {
    this.pointer = null;
  }

  down(input: PointerInput): void {
    if (this.vertices.length === 0 && selects(this.host, input)) return;
    const at = imageAt(this.host, input);
    if (this.vertices.length === 0) this.mode = modeOf(input, "add");
    const isClosing =
      this.vertices.length >= 3 &&
      (this.isNear(input, this.vertices[0]!, CLOSING_DISTANCE) ||
        this.isNear(input, this.vertices.at(-1)!, DOUBLE_CLICK_DISTANCE));
    if (isClosing) {
      this.accept();
      return;
    }
    this.vertices.push(at);
    this.pointer = at;
    this.show();
  }

  move(input: PointerInput): void {
    this.pointer = imageAt(this.host, input);
    this.show();
  }

  up(): void {
    this.show();
  }

  leave(): void {
    this.show();
  }

  /** Fills the polygon. Returns whether one was being drawn; of fewer than three corners nothing is filled. */
  accept(): boolean {
    const { vertices, mode } = this;
    if (vertices.length >= 3) {
      this.giveUp();
      this.host.onPaint(polygonMask(vertices, this.host.image), mode);
      this.host.onPaintEnd();
    }
    return vertices.length > 0;
  }

  /** Takes the last corner back. Returns whether there was one. */
  stepBack(): boolean {
    const had = this.vertices.pop() !== undefined;
    this.show();
    return had;
  }

  giveUp(): boolean {
    const wasDrawing = this.vertices.length > 0;
    this.vertices = [];
    this.show();
    return wasDrawing;
  }

  private isNear(input: PointerInput, vertex: ImagePoint, pixels: number): boolean {
    return distance(imageToView(this.host.viewport(), vertex), input.at) <= pixels;
  }

  private show(): void {
    const { vertices, mode } = this;
    const pointer = this.pointer ?? vertices.at(-1);
    this.host.onSketch(
      vertices.length > 0 && pointer ? { kind: "polygon", vertices: [...vertices], pointer, mode } : null,
    );
  }
}

import { imageToView } from "../geometry/frames";
import { distance, type ImagePoint, type ViewPoint } from "../geometry/points";
import { polygonMask } from "../masks/shapes";
import type { EditMode } from "../state/sketch";
import { imageAt, modeOf, selects, type EditToolHost } from "./editTool";
import type { PointerInput, Tool } from "./tool";

/** A click this near the first corner closes the polygon; this near the last one it is a double click. CSS pixels. */
const CLOSING_DISTANCE = 10;
const DOUBLE_CLICK_DISTANCE = 3;
/** This near, a corner can be taken hold of. */
const CORNER_REACH = 6;
const DRAG_THRESHOLD = 3;

interface HeldCorner {
  readonly index: number;
  readonly press: PointerInput;
  /** Where it was taken from. */
  readonly from: ImagePoint;
  readonly isMoving: boolean;
}

/**
 * A corner per click; a click on the first corner, a double click or Enter fills the polygon. Until then corners can
 * be dragged, and removed with Ctrl+click or Delete.
 */
export class PolygonTool implements Tool {
  readonly cursor = "crosshair";
  private vertices: ImagePoint[] = [];
  private pointer: ImagePoint | null = null;
  private mode: EditMode = "add";
  private held: HeldCorner | null = null;

  constructor(private readonly host: EditToolHost) {}

  enter(): void {
    this.show();
  }

  exit(): void {
    this.giveUp();
  }

  /** Panning in between keeps the corners; one that is held is let go, as its button is lifted while the image moves. */
  pause(): void {
    this.held = null;
    this.pointer = null;
  }

  down(input: PointerInput): void {
    if (this.vertices.length === 0 && selects(this.host, input)) return;
    const at = imageAt(this.host, input);
    if (this.vertices.length === 0) this.mode = modeOf(input, "add");
    const index = this.cornerAt(input);
    if (index !== null) {
      if (input.isCtrl) this.remove(index);
      else this.held = { index, press: input, from: this.vertices[index]!, isMoving: false };
      return;
    }
    if (input.isCtrl) return;
    this.vertices.push(at);
    this.pointer = at;
    this.show();
  }

  move(input: PointerInput): void {
    this.pointer = imageAt(this.host, input);
    const { held } = this;
    if (held && (held.isMoving || distance(held.press.at, input.at) > DRAG_THRESHOLD)) {
      this.held = { ...held, isMoving: true };
      this.vertices[held.index] = this.pointer;
    }
    this.show();
  }

  up(): void {
    const { held } = this;
    this.held = null;
    if (held && !held.isMoving && this.closes(held)) this.accept();
    else this.show();
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

  /** Takes back what was done last: a corner that is held goes where it was, otherwise the last one goes. */
  stepBack(): boolean {
    const { held } = this;
    if (held) {
      this.held = null;
      this.vertices[held.index] = held.from;
      this.show();
      return true;
    }
    const had = this.vertices.pop() !== undefined;
    this.show();
    return had;
  }

  /** Removes the corner under the pointer. Returns whether there was one. */
  removeHovered(): boolean {
    const { pointer } = this;
    if (!pointer) return false;
    const index = this.nearest(imageToView(this.host.viewport(), pointer));
    if (index !== null) this.remove(index);
    return index !== null;
  }

  giveUp(): boolean {
    const wasDrawing = this.vertices.length > 0;
    this.vertices = [];
    this.held = null;
    this.show();
    return wasDrawing;
  }

  private closes({ index, press }: HeldCorner): boolean {
    if (this.vertices.length < 3) return false;
    const isLast = index === this.vertices.length - 1;
    return index === 0 || (isLast && this.isNear(press.at, this.vertices[index]!, DOUBLE_CLICK_DISTANCE));
  }

  /** The first corner reaches further once the polygon can be closed there. */
  private cornerAt({ at }: PointerInput): number | null {
    if (this.vertices.length >= 3 && this.isNear(at, this.vertices[0]!, CLOSING_DISTANCE)) return 0;
    return this.nearest(at);
  }

  private nearest(at: ViewPoint): number | null {
    const near = [...this.vertices.keys()].filter((index) =>
      this.isNear(at, this.vertices[index]!, CORNER_REACH),
    );
    return near.at(-1) ?? null;
  }

  private remove(index: number): void {
    this.held = null;
    this.vertices.splice(index, 1);
    this.show();
  }

  private isNear(at: ViewPoint, vertex: ImagePoint, pixels: number): boolean {
    return distance(imageToView(this.host.viewport(), vertex), at) <= pixels;
  }

  private show(): void {
    const { vertices, mode } = this;
    const pointer = this.pointer ?? vertices.at(-1);
    this.host.onSketch(
      vertices.length > 0 && pointer ? { kind: "polygon", vertices: [...vertices], pointer, mode } : null,
    );
  }
}

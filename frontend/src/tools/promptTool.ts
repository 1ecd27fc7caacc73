import { boxFromCorners, boxOnImage, type ImageBox } from "../geometry/boxes";
import { pixelAt, viewToImage } from "../geometry/frames";
import { distance, type ImagePoint } from "../geometry/points";
import type { Size } from "../geometry/size";
import type { Viewport } from "../geometry/viewport";
import { BACKGROUND, FOREGROUND, type PointLabel } from "../sam/prompts";
import type { PointerInput, Tool } from "./tool";

export interface PromptToolHost {
  readonly image: Size;
  viewport(): Viewport;
  onHover(pixel: ImagePoint | null): void;
  onPoint(pixel: ImagePoint, label: PointLabel): void;
  onBox(box: ImageBox): void;
  /** While a box is dragged; null when it ends or is given up. */
  onBoxDragged(box: ImageBox | null): void;
  onSelect(pixel: ImagePoint): void;
}

/** A press that moves further than this, in CSS pixels, is a box and not a click. */
const DRAG_THRESHOLD = 5;

/** Hover previews, a click asks with a point, a drag with a box, Shift+click selects what is saved there. */
export class PromptTool implements Tool {
  readonly cursor = "crosshair";
  private pressed: PointerInput | null = null;
  private isDragging = false;

  constructor(private readonly host: PromptToolHost) {}

  enter(): void {
    this.pressed = null;
  }

  exit(): void {
    this.giveUp();
    this.host.onHover(null);
  }

  down(input: PointerInput): void {
    this.pressed = input;
    this.isDragging = false;
  }

  move(input: PointerInput): void {
    if (!this.pressed) {
      this.host.onHover(this.pixel(input));
      return;
    }
    const isFar = distance(this.pressed.at, input.at) > DRAG_THRESHOLD;
    if (this.pressed.button === "primary" && !this.pressed.isAlt && !this.pressed.isShift && isFar) {
      this.isDragging = true;
    }
    if (this.isDragging) this.host.onBoxDragged(this.boxTo(input));
  }

  up(input: PointerInput): void {
    const pressed = this.pressed;
    const wasDragging = this.isDragging;
    if (!pressed) return;
    const box = wasDragging ? this.boxTo(input) : null;
    this.giveUp();
    if (wasDragging) {
      if (box) this.host.onBox(box);
      return;
    }
    const pixel = this.pixel(pressed);
    if (!pixel) return;
    if (pressed.isShift) this.host.onSelect(pixel);
    else this.host.onPoint(pixel, pressed.isAlt || pressed.button === "secondary" ? BACKGROUND : FOREGROUND);
  }

  leave(): void {
    this.host.onHover(null);
  }

  /** Ends a drag without asking for anything. Returns whether there was one. */
  giveUp(): boolean {
    const wasDragging = this.isDragging;
    this.pressed = null;
    this.isDragging = false;
    if (wasDragging) this.host.onBoxDragged(null);
    return wasDragging;
  }

  private boxTo(input: PointerInput): ImageBox | null {
    const viewport = this.host.viewport();
    const corners = [this.pressed!.at, input.at].map((point) => viewToImage(viewport, point)) as [
      ImagePoint,
      ImagePoint,
    ];
    return boxOnImage(boxFromCorners(...corners), this.host.image);
  }

  private pixel(input: PointerInput): ImagePoint | null {
    return pixelAt(viewToImage(this.host.viewport(), input.at), this.host.image);
  }
}

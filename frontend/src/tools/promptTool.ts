import { boxFromCorners, boxOnImage, type ImageBox } from "../geometry/boxes";
import { pixelAt, viewToImage } from "../geometry/frames";
import { distance, type ImagePoint, type ViewPoint } from "../geometry/points";
import type { Size } from "../geometry/size";
import type { Viewport } from "../geometry/viewport";
import { handlesEqual, promptDragged, promptRemoved, type PromptHandle } from "../sam/promptEdits";
import { BACKGROUND, FOREGROUND, type PointLabel, type Prompts } from "../sam/prompts";
import { cursorOf, promptHandleAt } from "./promptHandles";
import type { PointerInput, Tool } from "./tool";

export interface PromptToolHost {
  readonly image: Size;
  viewport(): Viewport;
  /** The prompts on the canvas, which can be dragged and removed. */
  prompts(): Prompts;
  onHover(pixel: ImagePoint | null): void;
  onPoint(pixel: ImagePoint, label: PointLabel): void;
  onBox(box: ImageBox): void;
  /** While a box is dragged; null when it ends or is given up. */
  onBoxDragged(box: ImageBox | null): void;
  /** While a click or the box is dragged; null when that is given up. */
  onPromptsDragged(prompts: Prompts | null): void;
  /** Clicks or the box were moved or removed: one step to undo. */
  onPromptsChanged(prompts: Prompts): void;
  onPromptHover(held: PromptHandle | null): void;
  /** What can be done with a click or the box is asked for. */
  onPromptMenu(held: PromptHandle, at: ViewPoint): void;
  onSelect(pixel: ImagePoint): void;
}

/** A press that moves further than this, in CSS pixels, is a drag and not a click. */
const DRAG_THRESHOLD = 5;

interface Press {
  readonly input: PointerInput;
  /** What was under the pointer, and the prompts as they were. */
  readonly held: PromptHandle | null;
  readonly prompts: Prompts;
  readonly isDragging: boolean;
}

/**
 * Hover previews, a click asks with a point, a drag with a box, Shift+click selects what is saved there. Clicks and
 * the box can be dragged, removed with Ctrl+click, and have a menu under the right button.
 */
export class PromptTool implements Tool {
  readonly cursor = "crosshair";
  private press: Press | null = null;
  private hovered: PromptHandle | null = null;

  constructor(
    private readonly host: PromptToolHost,
    private readonly onCursor: (cursor: string) => void,
  ) {}

  enter(): void {
    this.press = null;
  }

  exit(): void {
    this.giveUp();
    this.hoverOver(null);
    this.host.onHover(null);
  }

  down(input: PointerInput): void {
    const prompts = this.host.prompts();
    const isPlain = !input.isAlt && !input.isShift && input.button !== "eraser";
    const held = isPlain ? promptHandleAt(prompts, this.host.viewport(), input.at) : null;
    this.press = { input, held, prompts, isDragging: false };
  }

  move(input: PointerInput): void {
    if (!this.press) {
      const held = promptHandleAt(this.host.prompts(), this.host.viewport(), input.at);
      this.hoverOver(held);
      this.host.onHover(held ? null : this.pixel(input));
      return;
    }
    const { input: start, isDragging } = this.press;
    const canDrag = start.button === "primary" && !start.isAlt && !start.isShift && !start.isCtrl;
    if (!isDragging && (!canDrag || distance(start.at, input.at) <= DRAG_THRESHOLD)) return;
    this.press = { ...this.press, isDragging: true };
    if (this.press.held) this.host.onPromptsDragged(this.draggedTo(this.press, this.press.held, input));
    else this.host.onBoxDragged(this.boxTo(start, input));
  }

  up(input: PointerInput): void {
    const { press } = this;
    this.press = null;
    if (!press) return;
    if (press.isDragging) this.endDrag(press, input);
    else if (press.held) this.pressedOn(press.held, press);
    else this.clicked(press.input);
  }

  leave(): void {
    this.hoverOver(null);
    this.host.onHover(null);
  }

  /** Ends a drag without asking for anything. Returns whether there was one. */
  giveUp(): boolean {
    const { press } = this;
    this.press = null;
    if (!press?.isDragging) return false;
    if (press.held) this.host.onPromptsDragged(null);
    else this.host.onBoxDragged(null);
    return true;
  }

  /** Removes the click or box under the pointer. Returns whether there was one. */
  removeHovered(): boolean {
    const { hovered } = this;
    if (!hovered || this.press) return false;
    this.hoverOver(null);
    this.host.onPromptsChanged(promptRemoved(this.host.prompts(), hovered));
    return true;
  }

  private endDrag(press: Press, input: PointerInput): void {
    if (press.held) {
      this.host.onPromptsChanged(this.draggedTo(press, press.held, input));
      return;
    }
    this.host.onBoxDragged(null);
    const box = this.boxTo(press.input, input);
    if (box) this.host.onBox(box);
  }

  private pressedOn(held: PromptHandle, { input, prompts }: Press): void {
    if (input.button === "secondary") this.host.onPromptMenu(held, input.at);
    else if (input.isCtrl) {
      this.hoverOver(null);
      this.host.onPromptsChanged(promptRemoved(prompts, held));
    }
  }

  private clicked(input: PointerInput): void {
    const pixel = this.pixel(input);
    if (!pixel || input.isCtrl) return;
    if (input.isShift) this.host.onSelect(pixel);
    else this.host.onPoint(pixel, input.isAlt || input.button !== "primary" ? BACKGROUND : FOREGROUND);
  }

  private hoverOver(held: PromptHandle | null): void {
    if (handlesEqual(held, this.hovered)) return;
    this.hovered = held;
    this.host.onPromptHover(held);
    this.onCursor(held ? cursorOf(held) : this.cursor);
  }

  private draggedTo({ input, prompts }: Press, held: PromptHandle, to: PointerInput): Prompts {
    const viewport = this.host.viewport();
    const [from, there] = [viewToImage(viewport, input.at), viewToImage(viewport, to.at)];
    return promptDragged(prompts, held, from, there, this.host.image);
  }

  private boxTo(start: PointerInput, input: PointerInput): ImageBox | null {
    const viewport = this.host.viewport();
    const corners = [start.at, input.at].map((point) => viewToImage(viewport, point)) as [
      ImagePoint,
      ImagePoint,
    ];
    return boxOnImage(boxFromCorners(...corners), this.host.image);
  }

  private pixel(input: PointerInput): ImagePoint | null {
    return pixelAt(viewToImage(this.host.viewport(), input.at), this.host.image);
  }
}

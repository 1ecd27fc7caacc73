import type { Size } from "../geometry/size";
import type { Placement } from "../masks/coverage";
import { MaskTiles } from "./maskTiles";
import type { MaskDrawing } from "./paint";
import { TILE } from "./tileGrid";

/** What the overlay is to show: saved masks below, the one being made on top. */
export interface MaskScene {
  readonly saved: readonly MaskDrawing[];
  readonly current: readonly MaskDrawing[];
  readonly placement: Placement;
  readonly view: Size;
}

/** Of a frame's 16 milliseconds, what painting may take; the rest is for all else that happens in it. */
const SLICE_MS = 4;

/** Keeps one canvas showing a scene: at once what can be, the rest in slices, one per frame. */
export class MaskPainter {
  private readonly saved = new MaskTiles(makeSurface);
  private readonly current = new MaskTiles(makeSurface);
  private frame: number | null = null;
  /** As it is from the start: clearing it would cost it its pixels, several megabytes. */
  private isCanvasBlank = true;

  constructor(
    private readonly context: CanvasRenderingContext2D,
    /** Whether the canvas shows the scene as it is, or something painted before still stands in. */
    private readonly onComplete: (isComplete: boolean) => void,
  ) {}

  show({ saved, current, placement, view }: MaskScene): void {
    for (const [tiles, drawings] of [
      [this.current, current],
      [this.saved, saved],
    ] as const) {
      tiles.show(drawings);
      tiles.place(placement, view);
    }
    this.advance(true);
  }

  stop(): void {
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.frame = null;
  }

  private advance(mustDraw: boolean): void {
    this.stop();
    const wasComplete = this.isComplete;
    const end = performance.now() + SLICE_MS;
    const isTimeUp = () => performance.now() >= end;
    // What follows the pointer comes first.
    const isDone = this.current.paint(isTimeUp) && this.saved.paint(isTimeUp);
    if (mustDraw || !wasComplete) this.draw();
    if (!isDone) this.frame = requestAnimationFrame(() => this.advance(false));
  }

  private get isComplete(): boolean {
    return this.saved.isComplete && this.current.isComplete;
  }

  private draw(): void {
    const isBlank = this.saved.isBlank && this.current.isBlank;
    if (!isBlank || !this.isCanvasBlank) {
      const { width, height } = this.context.canvas;
      this.context.clearRect(0, 0, width, height);
      this.saved.draw(this.context);
      this.current.draw(this.context);
      this.isCanvasBlank = isBlank;
    }
    this.onComplete(this.isComplete);
  }
}

function makeSurface(): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  canvas.width = TILE;
  canvas.height = TILE;
  return canvas.getContext("2d")!;
}

import type { ImageBox } from "../geometry/boxes";
import { boxHandlePoint, RESIZING_HANDLES } from "../geometry/boxHandles";
import { imageToView } from "../geometry/frames";
import { imagePoint } from "../geometry/points";
import type { Viewport } from "../geometry/viewport";
import type { PromptHandle } from "../sam/promptEdits";
import { FOREGROUND, type Prompts } from "../sam/prompts";
import { BACKGROUND_COLOR, FOREGROUND_COLOR } from "./colors";

const RADIUS = 7;
const HANDLE_SIDE = 8;

/** Which parts of the prompts can be taken hold of, and the one under the pointer. */
export interface PromptGrips {
  readonly areShown: boolean;
  readonly hovered: PromptHandle | null;
}

/** Draws clicks and boxes in CSS pixels; `dragged` is the box under the pointer, not asked for yet. */
export function drawPrompts(
  context: CanvasRenderingContext2D,
  prompts: Prompts,
  dragged: ImageBox | null,
  grips: PromptGrips,
  viewport: Viewport,
  devicePixelRatio: number,
): void {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  const box = dragged ?? prompts.box;
  if (box) drawBox(context, box, viewport);
  if (prompts.box && !dragged && grips.areShown) drawBoxHandles(context, prompts.box, viewport);
  for (const [index, { point, label }] of prompts.points.entries()) {
    // The middle of the clicked pixel, which is where the model takes the click to be.
    const { x, y } = imageToView(viewport, imagePoint(point.x + 0.5, point.y + 0.5));
    const isHovered = grips.hovered?.kind === "point" && grips.hovered.index === index;
    drawPoint(context, x, y, label === FOREGROUND, isHovered);
  }
}

function drawBox(context: CanvasRenderingContext2D, box: ImageBox, viewport: Viewport): void {
  const topLeft = imageToView(viewport, imagePoint(box.x0, box.y0));
  const bottomRight = imageToView(viewport, imagePoint(box.x1, box.y1));
  const sides = [topLeft.x, topLeft.y, bottomRight.x - topLeft.x, bottomRight.y - topLeft.y] as const;
  context.lineWidth = 3;
  context.strokeStyle = "rgba(0, 0, 0, 0.6)";
  context.strokeRect(...sides);
  context.lineWidth = 1.5;
  context.setLineDash([6, 4]);
  context.strokeStyle = "#ffffff";
  context.strokeRect(...sides);
  context.setLineDash([]);
}

function drawBoxHandles(context: CanvasRenderingContext2D, box: ImageBox, viewport: Viewport): void {
  context.fillStyle = "#ffffff";
  context.strokeStyle = "rgba(0, 0, 0, 0.75)";
  context.lineWidth = 1;
  for (const handle of RESIZING_HANDLES) {
    const { x, y } = imageToView(viewport, boxHandlePoint(box, handle));
    const corner = [x - HANDLE_SIDE / 2, y - HANDLE_SIDE / 2, HANDLE_SIDE, HANDLE_SIDE] as const;
    context.fillRect(...corner);
    context.strokeRect(...corner);
  }
}

function drawPoint(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  isForeground: boolean,
  isHovered: boolean,
): void {
  if (isHovered) {
    context.beginPath();
    context.arc(x, y, RADIUS + 4, 0, 2 * Math.PI);
    context.fillStyle = "rgba(255, 255, 255, 0.45)";
    context.fill();
  }
  context.beginPath();
  context.arc(x, y, RADIUS, 0, 2 * Math.PI);
  context.fillStyle = isForeground ? FOREGROUND_COLOR : BACKGROUND_COLOR;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = "#ffffff";
  context.stroke();
  context.beginPath();
  context.moveTo(x - RADIUS / 2, y);
  context.lineTo(x + RADIUS / 2, y);
  if (isForeground) {
    context.moveTo(x, y - RADIUS / 2);
    context.lineTo(x, y + RADIUS / 2);
  }
  context.stroke();
}

import type { ImageBox } from "../geometry/boxes";
import { imageToView } from "../geometry/frames";
import { imagePoint } from "../geometry/points";
import type { Viewport } from "../geometry/viewport";
import { FOREGROUND, type Prompts } from "../sam/prompts";
import { BACKGROUND_COLOR, FOREGROUND_COLOR } from "./colors";

const RADIUS = 7;

/** Draws clicks and boxes in CSS pixels; `dragged` is the box under the pointer, not asked for yet. */
export function drawPrompts(
  context: CanvasRenderingContext2D,
  prompts: Prompts,
  dragged: ImageBox | null,
  viewport: Viewport,
  devicePixelRatio: number,
): void {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  const box = dragged ?? prompts.box;
  if (box) drawBox(context, box, viewport);
  for (const { point, label } of prompts.points) {
    // The middle of the clicked pixel, which is where the model takes the click to be.
    const { x, y } = imageToView(viewport, imagePoint(point.x + 0.5, point.y + 0.5));
    drawPoint(context, x, y, label === FOREGROUND);
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

function drawPoint(context: CanvasRenderingContext2D, x: number, y: number, isForeground: boolean): void {
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

import { imageToView } from "../geometry/frames";
import { imagePoint, type ImagePoint } from "../geometry/points";
import type { Viewport } from "../geometry/viewport";
import { brushCentre, type Sketch } from "../state/sketch";
import { BACKGROUND_COLOR, FOREGROUND_COLOR } from "./colors";

const CORNER_RADIUS = 4;

/** Draws the outline of what a tool would paint, over what is drawn already; the context's unit is the CSS pixel. */
export function drawSketch(
  context: CanvasRenderingContext2D,
  sketch: Sketch,
  brushDiameter: number,
  viewport: Viewport,
): void {
  const color = sketch.mode === "add" ? FOREGROUND_COLOR : BACKGROUND_COLOR;
  if (sketch.kind === "brush") {
    const { x, y } = imageToView(viewport, brushCentre(brushDiameter, sketch.at));
    const path = new Path2D();
    path.arc(x, y, Math.max(2, (brushDiameter / 2) * viewport.scale), 0, 2 * Math.PI);
    strokeTwice(context, path, color);
    return;
  }
  if (sketch.kind === "line") {
    drawLine(context, sketch.from, sketch.to, brushDiameter, viewport, color);
    return;
  }
  const corners =
    sketch.kind === "polygon"
      ? [...sketch.vertices, sketch.pointer]
      : boxCornersOf(sketch.box).map(([x, y]) => imagePoint(x, y));
  const path = new Path2D();
  corners.forEach((corner, index) => {
    const { x, y } = imageToView(viewport, corner);
    if (index === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  });
  path.closePath();
  context.globalAlpha = 0.25;
  context.fillStyle = color;
  context.fill(path, "evenodd");
  context.globalAlpha = 1;
  strokeTwice(context, path, color);
  if (sketch.kind !== "polygon") return;
  sketch.vertices.forEach((vertex, index) => {
    const { x, y } = imageToView(viewport, vertex);
    const dot = new Path2D();
    // The first corner, where a click closes the polygon, is larger.
    dot.arc(x, y, index === 0 ? CORNER_RADIUS * 1.6 : CORNER_RADIUS, 0, 2 * Math.PI);
    context.fillStyle = "#ffffff";
    context.fill(dot);
    context.lineWidth = 2;
    context.strokeStyle = color;
    context.stroke(dot);
  });
}

/** The brush along a straight line, as wide as it will paint. */
function drawLine(
  context: CanvasRenderingContext2D,
  from: ImagePoint,
  to: ImagePoint,
  brushDiameter: number,
  viewport: Viewport,
  color: string,
): void {
  const [start, end] = [imageToView(viewport, from), imageToView(viewport, to)];
  const path = new Path2D();
  path.moveTo(start.x, start.y);
  path.lineTo(end.x, end.y);
  context.globalAlpha = 0.4;
  context.lineCap = "round";
  context.lineWidth = Math.max(4, brushDiameter * viewport.scale);
  context.strokeStyle = color;
  context.stroke(path);
  context.globalAlpha = 1;
  context.lineCap = "butt";
  strokeTwice(context, path, color);
}

function boxCornersOf({ x0, y0, x1, y1 }: { x0: number; y0: number; x1: number; y1: number }) {
  return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]] as const; // prettier-ignore
}

/** White on dark with the mode's colour inside, to be seen on any photograph. */
function strokeTwice(context: CanvasRenderingContext2D, path: Path2D, color: string): void {
  context.setLineDash([]);
  context.lineWidth = 4;
  context.strokeStyle = "rgba(0, 0, 0, 0.55)";
  context.stroke(path);
  context.lineWidth = 2;
  context.strokeStyle = "#ffffff";
  context.stroke(path);
  context.setLineDash([6, 6]);
  context.strokeStyle = color;
  context.stroke(path);
  context.setLineDash([]);
}

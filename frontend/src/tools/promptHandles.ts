import { boxHandlePoint, distanceToOutline, RESIZING_HANDLES } from "../geometry/boxHandles";
import { imageToView, viewToImage } from "../geometry/frames";
import { distance, imagePoint, type ViewPoint } from "../geometry/points";
import type { Viewport } from "../geometry/viewport";
import type { PromptHandle } from "../sam/promptEdits";
import type { Prompts } from "../sam/prompts";

/** How near, in CSS pixels, takes hold of a click, a handle of the box, and its outline. */
const POINT_REACH = 9;
const HANDLE_REACH = 8;
const EDGE_REACH = 5;

/** What of the prompts lies under the pointer: clicks over the box, the newest click over older ones. */
export function promptHandleAt(prompts: Prompts, viewport: Viewport, at: ViewPoint): PromptHandle | null {
  for (let index = prompts.points.length - 1; index >= 0; index--) {
    const { x, y } = prompts.points[index]!.point;
    if (distance(imageToView(viewport, imagePoint(x + 0.5, y + 0.5)), at) <= POINT_REACH) {
      return { kind: "point", index };
    }
  }
  const { box } = prompts;
  if (!box) return null;
  const handle = RESIZING_HANDLES.find(
    (name) => distance(imageToView(viewport, boxHandlePoint(box, name)), at) <= HANDLE_REACH,
  );
  if (handle) return { kind: "box", handle };
  const isOnEdge = distanceToOutline(box, viewToImage(viewport, at)) * viewport.scale <= EDGE_REACH;
  return isOnEdge ? { kind: "box", handle: "edge" } : null;
}

export function cursorOf(held: PromptHandle): string {
  if (held.kind === "point") return "grab";
  return held.handle === "edge" ? "move" : `${held.handle}-resize`;
}

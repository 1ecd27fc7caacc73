import { boxDragged, type BoxHandle } from "../geometry/boxHandles";
import { pixelAt } from "../geometry/frames";
import { imagePoint, type ImagePoint } from "../geometry/points";
import type { Size } from "../geometry/size";
import { BACKGROUND, FOREGROUND, type Prompts } from "./prompts";

/** One thing of a set of prompts that can be taken hold of. */
export type PromptHandle =
  { readonly kind: "point"; readonly index: number } | { readonly kind: "box"; readonly handle: BoxHandle };

/** The prompts with a click or a part of the box moved; what would leave the image stays at its border. */
export function promptDragged(
  prompts: Prompts,
  held: PromptHandle,
  from: ImagePoint,
  to: ImagePoint,
  image: Size,
): Prompts {
  if (held.kind === "box") {
    return prompts.box ? { ...prompts, box: boxDragged(prompts.box, held.handle, from, to, image) } : prompts;
  }
  const moved = prompts.points[held.index];
  if (!moved) return prompts;
  const inside = (value: number, length: number) => Math.min(length - 1, Math.max(0, value));
  const x = inside(moved.point.x + 0.5 + to.x - from.x, image.width);
  const y = inside(moved.point.y + 0.5 + to.y - from.y, image.height);
  const point = pixelAt(imagePoint(x, y), image)!;
  return { ...prompts, points: replaced(prompts.points, held.index, { ...moved, point }) };
}

export function promptRemoved(prompts: Prompts, held: PromptHandle): Prompts {
  if (held.kind === "box") return { ...prompts, box: null };
  return { ...prompts, points: prompts.points.filter((_, index) => index !== held.index) };
}

/** A click that added takes away, and the other way round. */
export function pointTurned(prompts: Prompts, index: number): Prompts {
  const turned = prompts.points[index];
  if (!turned) return prompts;
  const label = turned.label === FOREGROUND ? BACKGROUND : FOREGROUND;
  return { ...prompts, points: replaced(prompts.points, index, { ...turned, label }) };
}

function replaced<T>(items: readonly T[], index: number, item: T): T[] {
  return items.map((old, at) => (at === index ? item : old));
}

export function handlesEqual(a: PromptHandle | null, b: PromptHandle | null): boolean {
  if (a?.kind === "point" && b?.kind === "point") return a.index === b.index;
  if (a?.kind === "box" && b?.kind === "box") return a.handle === b.handle;
  return a === b;
}

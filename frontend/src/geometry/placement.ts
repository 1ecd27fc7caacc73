import type { Size } from "./size";

/** A rectangle on the screen, in CSS pixels. */
export interface ScreenBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Where a panel goes that belongs to `target` without covering it: beside it, or else below or above it, inside
 * `room` and clear of what is in the way; where none of that fits, into the corner that covers least of both.
 */
export function placeBeside(
  target: ScreenBox,
  panel: Size,
  room: Size,
  inTheWay: readonly ScreenBox[],
  gap: number,
): { readonly left: number; readonly top: number } {
  const [right, bottom] = [room.width - panel.width - gap, room.height - panel.height - gap];
  const within = (value: number, most: number) => Math.max(gap, Math.min(value, most));
  const top = within(target.top + (target.height - panel.height) / 2, bottom);
  const left = within(target.left + (target.width - panel.width) / 2, right);
  const places = [
    { left: target.left + target.width + gap, top },
    { left: target.left - gap - panel.width, top },
    { left, top: target.top + target.height + gap },
    { left, top: target.top - gap - panel.height },
  ];
  const isFree = (place: { left: number; top: number }) =>
    place.left >= gap &&
    place.top >= gap &&
    place.left <= right &&
    place.top <= bottom &&
    inTheWay.every((box) => overlap({ ...panel, ...place }, box) === 0);
  const free = places.find(isFree);
  if (free) return free;
  const corners = [right, gap].flatMap((x) => [bottom, gap].map((y) => ({ left: x, top: y })));
  const covered = corners.map((corner) => {
    const box = { ...panel, ...corner };
    // What is in the way counts more than the target, which is still seen beside the panel.
    return overlap(box, target) + inTheWay.reduce((sum, other) => sum + 100 * overlap(box, other), 0);
  });
  return corners[covered.indexOf(Math.min(...covered))]!;
}

function overlap(a: ScreenBox, b: ScreenBox): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}

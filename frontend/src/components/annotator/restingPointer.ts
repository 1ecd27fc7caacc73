import { viewPoint, type ViewPoint } from "../../geometry/points";

/** Where the mouse was last told of, in the window; null for fingers, which do not rest over anything. */
let resting: { readonly x: number; readonly y: number } | null = null;

// As long as the tab lives: the stage of the next image is not there yet when the mouse comes to rest.
for (const type of ["pointermove", "pointerdown"] as const) {
  window.addEventListener(
    type,
    ({ pointerType, clientX, clientY }) => {
      resting = pointerType === "touch" ? null : { x: clientX, y: clientY };
    },
    { capture: true, passive: true },
  );
}
document.documentElement.addEventListener("pointerleave", () => (resting = null));

/** The place on an element over which the mouse rests; null when it is elsewhere or something lies between. */
export function restingPointerOn(element: HTMLElement): ViewPoint | null {
  if (!resting) return null;
  const at = document.elementFromPoint(resting.x, resting.y);
  if (!at || !element.contains(at)) return null;
  const { left, top } = element.getBoundingClientRect();
  return viewPoint(resting.x - left, resting.y - top);
}

import { viewPoint, type ViewPoint } from "../../geometry/points";

/** The newest event of a pointer, read only when somebody asks; null when the mouse has left the page. */
let newest: PointerEvent | null = null;

// As long as the tab lives: the stage of the next image is not there yet when the mouse comes to rest.
for (const type of ["pointermove", "pointerdown"] as const) {
  window.addEventListener(type, (event) => (newest = event), { capture: true, passive: true });
}
document.documentElement.addEventListener("pointerleave", () => (newest = null));

/** The place on an element over which the mouse rests; null when it is elsewhere or something lies between. */
export function restingPointerOn(element: HTMLElement): ViewPoint | null {
  // Fingers do not rest over anything.
  if (!newest || newest.pointerType === "touch") return null;
  const { clientX, clientY } = newest;
  const at = document.elementFromPoint(clientX, clientY);
  if (!at || !element.contains(at)) return null;
  const { left, top } = element.getBoundingClientRect();
  return viewPoint(clientX - left, clientY - top);
}

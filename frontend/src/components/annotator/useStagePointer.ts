import { useEffect, type RefObject } from "react";
import { viewPoint, type ViewPoint } from "../../geometry/points";
import type { PointerButton, PointerInput } from "../../tools/tool";
import type { Toolbox } from "../../tools/toolbox";

/** Zoom per pixel of wheel travel; a notch of most mice is 100 to 120 pixels. */
const WHEEL_ZOOM = 0.0015;
const BUTTONS: readonly PointerButton[] = ["primary", "middle", "secondary"];

/** Hands the stage's pointer, wheel and space bar to the toolbox. */
export function useStagePointer(
  stage: RefObject<HTMLElement | null>,
  toolbox: Toolbox,
  zoom: (at: ViewPoint, factor: number) => void,
): void {
  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const ending = new AbortController();
    const options = { signal: ending.signal };
    const inputOf = (event: MouseEvent, button: number): PointerInput => {
      const { left, top } = element.getBoundingClientRect();
      return {
        at: viewPoint(event.clientX - left, event.clientY - top),
        button: BUTTONS[button] ?? "primary",
        isAlt: event.altKey,
        isShift: event.shiftKey,
      };
    };
    let pressed: number | null = null;

    element.addEventListener(
      "pointerdown",
      (event) => {
        if (pressed !== null || event.button > 2) return;
        // A middle press would start the browser's own scrolling.
        if (event.button === 1) event.preventDefault();
        pressed = event.button;
        element.setPointerCapture(event.pointerId);
        element.focus({ preventScroll: true });
        toolbox.down(inputOf(event, event.button));
      },
      options,
    );
    element.addEventListener("pointermove", (event) => toolbox.move(inputOf(event, pressed ?? 0)), options);
    element.addEventListener(
      "pointerup",
      (event) => {
        if (pressed !== event.button) return;
        pressed = null;
        toolbox.up(inputOf(event, event.button));
      },
      options,
    );
    element.addEventListener(
      "pointercancel",
      () => {
        pressed = null;
        toolbox.cancel();
      },
      options,
    );
    element.addEventListener("pointerleave", () => pressed === null && toolbox.leave(), options);
    element.addEventListener("contextmenu", (event) => event.preventDefault(), options);
    element.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 33 : event.deltaY;
        zoom(inputOf(event, 0).at, Math.exp(-pixels * WHEEL_ZOOM));
      },
      { ...options, passive: false },
    );
    const onSpace = (isHeld: boolean) => (event: KeyboardEvent) => {
      if (event.code !== "Space" || isTyping(event.target)) return;
      event.preventDefault();
      toolbox.setSpaceHeld(isHeld);
    };
    window.addEventListener("keydown", onSpace(true), options);
    window.addEventListener("keyup", onSpace(false), options);
    window.addEventListener("blur", () => toolbox.setSpaceHeld(false), options);
    return () => ending.abort();
  }, [stage, toolbox, zoom]);
}

/** Whether a key belongs to a control with the focus rather than to the annotator. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("input, textarea, select, [contenteditable], button, a") !== null
  );
}

import { useLayoutEffect, useRef, type RefObject } from "react";
import type { ImageBox } from "../../geometry/boxes";
import { viewPoint, type ImagePoint, type ViewPoint } from "../../geometry/points";
import type { Size } from "../../geometry/size";
import type { Rle } from "../../masks/rle";
import type { PromptHandle } from "../../sam/promptEdits";
import type { PointLabel, Prompts } from "../../sam/prompts";
import type { EditMode, Sketch } from "../../state/sketch";
import { PointerGestures, type Contact } from "../../tools/pointerGestures";
import type { PointerButton, PointerInput, ToolName } from "../../tools/tool";
import { Toolbox } from "../../tools/toolbox";
import type { StageView } from "./useViewport";

/** Zoom per pixel of wheel travel; a notch of most mice is 100 to 120 pixels. */
const WHEEL_ZOOM = 0.0015;
const BUTTONS: readonly PointerButton[] = ["primary", "middle", "secondary"];
/** Of a pen turned round: the button that changed, and its bit among those that are down. */
const ERASER = { button: 5, buttons: 32 };

export interface StageHandlers {
  readonly onHover: (pixel: ImagePoint | null) => void;
  readonly onPoint: (pixel: ImagePoint, label: PointLabel) => void;
  readonly onBox: (box: ImageBox) => void;
  readonly onSelect: (pixel: ImagePoint) => void;
  readonly onPin: (at: ImagePoint) => void;
  readonly brushDiameter: number;
  readonly onPaint: (shape: Rle, mode: EditMode) => void;
  readonly onPaintEnd: () => void;
  readonly onPaintGivenUp: () => void;
  readonly onSketch: (sketch: Sketch | null) => void;
  readonly onBrushResized: (factor: number) => void;
  readonly onBoxDragged: (box: ImageBox | null) => void;
  readonly prompts: Prompts;
  readonly onPromptsDragged: (prompts: Prompts | null) => void;
  readonly onPromptsChanged: (prompts: Prompts) => void;
  readonly onPromptHover: (held: PromptHandle | null) => void;
  readonly onPromptMenu: (held: PromptHandle, at: ViewPoint) => void;
  readonly onCursor: (cursor: string) => void;
}

/**
 * A toolbox for the stage's pointer, wheel and space bar. It outlives renders and reaches the present handlers and
 * viewport through a reference; a new image gets a new one.
 */
export function useToolbox(
  stage: RefObject<HTMLElement | null>,
  image: Size,
  view: StageView,
  tool: ToolName,
  handlers: StageHandlers,
): RefObject<Toolbox | null> {
  const latest = useRef({ view, handlers });
  // Layout effects: what the mouse rests on is asked for before the first frame is painted, and decoded meanwhile.
  useLayoutEffect(() => {
    latest.current = { view, handlers };
  });
  const current = useRef<Toolbox | null>(null);
  useLayoutEffect(() => {
    const element = stage.current;
    if (!element) return;
    const toolbox = new Toolbox(
      {
        image,
        viewport: () => latest.current.view.viewport,
        onHover: (pixel) => latest.current.handlers.onHover(pixel),
        onPoint: (pixel, label) => latest.current.handlers.onPoint(pixel, label),
        onBox: (box) => latest.current.handlers.onBox(box),
        onSelect: (pixel) => latest.current.handlers.onSelect(pixel),
        onPin: (at) => latest.current.handlers.onPin(at),
        onBoxDragged: (box) => latest.current.handlers.onBoxDragged(box),
        prompts: () => latest.current.handlers.prompts,
        onPromptsDragged: (prompts) => latest.current.handlers.onPromptsDragged(prompts),
        onPromptsChanged: (prompts) => latest.current.handlers.onPromptsChanged(prompts),
        onPromptHover: (held) => latest.current.handlers.onPromptHover(held),
        onPromptMenu: (held, at) => latest.current.handlers.onPromptMenu(held, at),
        brushDiameter: () => latest.current.handlers.brushDiameter,
        onPaint: (shape, mode) => latest.current.handlers.onPaint(shape, mode),
        onPaintEnd: () => latest.current.handlers.onPaintEnd(),
        onPaintGivenUp: () => latest.current.handlers.onPaintGivenUp(),
        onSketch: (sketch) => latest.current.handlers.onSketch(sketch),
        onPan: (dx, dy) => latest.current.view.pan(dx, dy),
      },
      (cursor) => latest.current.handlers.onCursor(cursor),
    );
    current.current = toolbox;
    const unlisten = listenOnStage(
      element,
      toolbox,
      (at, factor) => latest.current.view.zoom(at, factor),
      (dx, dy) => latest.current.view.pan(dx, dy),
      (factor) => latest.current.handlers.onBrushResized(factor),
    );
    return () => {
      unlisten();
      current.current = null;
    };
  }, [stage, image]);
  useLayoutEffect(() => current.current?.choose(tool), [tool, image]);
  return current;
}

/** Hands an element's events to the toolbox. Returns the end of it. */
export function listenOnStage(
  element: HTMLElement,
  toolbox: Toolbox,
  zoom: (at: ViewPoint, factor: number) => void,
  pan: (dx: number, dy: number) => void,
  resizeBrush: (factor: number) => void,
): () => void {
  const ending = new AbortController();
  const options = { signal: ending.signal };
  const inputOf = (event: MouseEvent, button: PointerButton): PointerInput => {
    const { left, top } = element.getBoundingClientRect();
    return {
      at: viewPoint(event.clientX - left, event.clientY - top),
      button,
      isAlt: event.altKey,
      isShift: event.shiftKey,
      isCtrl: event.ctrlKey || event.metaKey,
    };
  };
  // A move has the button -1.
  const contactOf = (event: PointerEvent): Contact => ({
    ...inputOf(event, isEraser(event) ? "eraser" : (BUTTONS[event.button] ?? "primary")),
    id: event.pointerId,
    kind: event.pointerType === "touch" ? "touch" : event.pointerType === "pen" ? "pen" : "mouse",
  });
  const gestures = new PointerGestures(toolbox, { onPan: pan, onZoom: zoom });
  // A pinch on a trackpad comes as a wheel with Ctrl that nobody presses: only keys and moves tell of the real one.
  let isControlDown = false;
  let controlReleasedAt = -Infinity;
  const noteControl = ({ ctrlKey, timeStamp }: MouseEvent | KeyboardEvent) => {
    if (isControlDown && !ctrlKey) controlReleasedAt = timeStamp;
    isControlDown = ctrlKey;
  };
  // A wheel is told with the next frame: a key let go after it comes before it.
  const hadControl = ({ ctrlKey, timeStamp }: WheelEvent) =>
    ctrlKey && (isControlDown || timeStamp < controlReleasedAt);

  element.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button > 2 && !isEraser(event)) return;
      // A middle press would start the browser's own scrolling.
      if (event.button === 1) event.preventDefault();
      element.setPointerCapture(event.pointerId);
      element.focus({ preventScroll: true });
      gestures.down(contactOf(event));
    },
    options,
  );
  element.addEventListener(
    "pointermove",
    (event) => {
      noteControl(event);
      gestures.move(contactOf(event));
    },
    options,
  );
  element.addEventListener("pointerup", (event) => gestures.up(contactOf(event)), options);
  element.addEventListener("pointercancel", (event) => gestures.cancel(contactOf(event)), options);
  element.addEventListener("pointerleave", () => gestures.isIdle && toolbox.leave(), options);
  element.addEventListener("contextmenu", (event) => event.preventDefault(), options);
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 33 : event.deltaY;
      const factor = Math.exp(-pixels * WHEEL_ZOOM);
      if (hadControl(event) && toolbox.usesBrush) resizeBrush(factor);
      else zoom(inputOf(event, "primary").at, factor);
    },
    { ...options, passive: false },
  );
  const onKey = (isHeld: boolean) => (event: KeyboardEvent) => {
    noteControl(event);
    if (event.code !== "Space" || isTyping(event.target)) return;
    event.preventDefault();
    toolbox.setSpaceHeld(isHeld);
  };
  window.addEventListener("keydown", onKey(true), options);
  window.addEventListener("keyup", onKey(false), options);
  window.addEventListener(
    "blur",
    () => {
      isControlDown = false;
      toolbox.setSpaceHeld(false);
    },
    options,
  );
  return () => ending.abort();
}

function isEraser({ pointerType, button, buttons }: PointerEvent): boolean {
  return pointerType === "pen" && (button === ERASER.button || (buttons & ERASER.buttons) !== 0);
}

/** Whether a key belongs to a control with the focus rather than to the annotator. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("input, textarea, select, [contenteditable], button, a") !== null
  );
}

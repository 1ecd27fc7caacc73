import { useLayoutEffect, useMemo, useRef } from "react";
import { freeOnceGone } from "../../canvas/freeCanvas";
import { MaskPainter } from "../../canvas/maskPainter";
import { devicePlacement, type MaskDrawing } from "../../canvas/paint";
import type { Size } from "../../geometry/size";
import type { Viewport } from "../../geometry/viewport";

interface Props {
  /** Saved masks below, the one being made on top. */
  readonly saved: readonly MaskDrawing[];
  readonly current: readonly MaskDrawing[];
  readonly viewport: Viewport;
  readonly view: Size;
  readonly ratio: number;
}

/** The masks over the photograph, one canvas pixel per device pixel. */
export function MaskOverlay({ saved, current, viewport, view, ratio }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<MaskPainter>(null);
  const pixels = useMemo(() => deviceSize(view, ratio), [view, ratio]);
  // Layout effects, so that masks move in the same frame as the photograph.
  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    const made = new MaskPainter(context, (isComplete) => (element.dataset.complete = String(isComplete)));
    painter.current = made;
    return () => {
      made.stop();
      painter.current = null;
      freeOnceGone(element);
    };
  }, []);
  useLayoutEffect(() => {
    painter.current?.show({ saved, current, placement: devicePlacement(viewport, ratio), view: pixels });
  }, [saved, current, viewport, ratio, pixels]);
  return (
    <canvas
      ref={canvas}
      {...pixels}
      style={{ width: pixels.width / ratio, height: pixels.height / ratio }}
      data-testid="mask-overlay"
    />
  );
}

/** How many device pixels a canvas over the whole view has. */
export function deviceSize(view: Size, ratio: number): Size {
  return { width: Math.round(view.width * ratio), height: Math.round(view.height * ratio) };
}

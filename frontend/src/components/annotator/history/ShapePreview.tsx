import { useEffect, useRef } from "react";
import type { Rgb } from "../../../canvas/colors";
import { paintMasks } from "../../../canvas/paint";
import type { IndexedMask } from "../../../masks/columns";

/** Drawn at twice the size on the screen, for fine screens. */
const SIDE = 96;
const FILLED = 0.86;

interface Props {
  /** Null while it is being read. */
  readonly mask: IndexedMask | null;
  readonly color: Rgb;
}

/** The shape of a mask by itself, as large as fits. */
export function ShapePreview({ mask, color }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [red, green, blue] = color;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !mask?.bbox) return;
    const { x, y, width, height } = mask.bbox;
    const scale = (SIDE / Math.max(1, width, height)) * FILLED;
    const placement = {
      scale,
      left: Math.round(SIDE / 2 - (x + width / 2) * scale),
      top: Math.round(SIDE / 2 - (y + height / 2) * scale),
    };
    const style = { color: [red, green, blue] as const, fill: 150, outline: 255, thickness: 2 };
    paintMasks(context, [{ mask, style }], placement);
  }, [mask, red, green, blue]);
  return (
    <canvas
      ref={canvas}
      className="shape-preview"
      width={SIDE}
      height={SIDE}
      aria-hidden
      data-shown={mask !== null}
    />
  );
}

import { useCallback, useLayoutEffect, useMemo, useState, type RefObject } from "react";
import type { ImageBox } from "../../geometry/boxes";
import type { ViewPoint } from "../../geometry/points";
import type { Size } from "../../geometry/size";
import {
  actualSizeViewport,
  boxViewport,
  centredAt,
  fitViewport,
  panned,
  snapped,
  zoomedAt,
  type Viewport,
} from "../../geometry/viewport";

/** Fitting follows the stage's size; anything else stays where the person put it. */
type Placing = { readonly kind: "fit" } | { readonly kind: "free"; readonly viewport: Viewport };

export interface StageView {
  readonly size: Size;
  readonly viewport: Viewport;
  readonly devicePixelRatio: number;
  readonly fit: () => void;
  readonly actualSize: () => void;
  /** Puts a box of the image in the middle, as large as fits. */
  readonly show: (box: ImageBox) => void;
  /** Puts a point of the image, given as shares of its sides, in the middle. */
  readonly centre: (share: { readonly x: number; readonly y: number }) => void;
  readonly zoom: (at: ViewPoint, factor: number) => void;
  readonly pan: (dx: number, dy: number) => void;
}

/** Where the image lies on a stage, whole at first. */
export function useViewport(stage: RefObject<HTMLElement | null>, image: Size): StageView {
  const [size, setSize] = useState<Size>({ height: 0, width: 0 });
  const [ratio, setRatio] = useState(() => window.devicePixelRatio);
  const [placing, setPlacing] = useState<Placing>({ kind: "fit" });

  useLayoutEffect(() => {
    const element = stage.current;
    if (!element) return;
    const measure = () => {
      setSize({ height: element.clientHeight, width: element.clientWidth });
      setRatio(window.devicePixelRatio);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    window.addEventListener("resize", measure);
    return () => {
      observer.disconnect();
      window.removeEventListener("resize", measure);
    };
  }, [stage]);

  const viewport = useMemo(
    () => snapped(placing.kind === "fit" ? fitViewport(image, size) : placing.viewport, ratio),
    [placing, image, size, ratio],
  );
  const change = useCallback(
    (next: (viewport: Viewport) => Viewport) =>
      setPlacing((now) => ({
        kind: "free",
        viewport: next(now.kind === "fit" ? fitViewport(image, size) : now.viewport),
      })),
    [image, size],
  );
  return useMemo(
    () => ({
      size,
      viewport,
      devicePixelRatio: ratio,
      fit: () => setPlacing({ kind: "fit" }),
      actualSize: () => change(() => actualSizeViewport(image, size, ratio)),
      show: (box) => change(() => boxViewport(box, size)),
      centre: (share) => change((now) => centredAt(now, share, image, size)),
      zoom: (at, factor) => change((now) => zoomedAt(now, at, factor, image, size)),
      pan: (dx, dy) => change((now) => panned(now, dx, dy, image, size)),
    }),
    [size, viewport, ratio, image, change],
  );
}

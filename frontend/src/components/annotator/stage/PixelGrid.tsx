import type { Size } from "../../../geometry/size";
import { visibleBox, type Viewport } from "../../../geometry/viewport";

/** From here on single pixels are large enough to have lines between them, in device pixels. */
const SMALLEST_SCALE = 8;

interface Props {
  readonly viewport: Viewport;
  readonly image: Size;
  readonly view: Size;
  readonly ratio: number;
}

/** Lines between the image's pixels, where these are large. */
export function PixelGrid({ viewport, image, view, ratio }: Props) {
  const { scale, left, top } = viewport;
  if (scale * ratio < SMALLEST_SCALE) return null;
  const box = visibleBox(viewport, image, view);
  // From whole pixels, so that the lines of the pattern lie on the image's.
  const [x0, y0] = [Math.floor(box.x0), Math.floor(box.y0)];
  return (
    <div
      className="pixel-grid"
      data-testid="pixel-grid"
      style={{
        left: left + x0 * scale,
        top: top + y0 * scale,
        width: Math.max(0, box.x1 - x0) * scale,
        height: Math.max(0, box.y1 - y0) * scale,
        backgroundSize: `${scale}px ${scale}px`,
      }}
    />
  );
}

import type { PointerEvent } from "react";
import type { Size } from "../../../geometry/size";
import { visibleBox, type Viewport } from "../../../geometry/viewport";

const LONG_SIDE = 168;
/** Above this share of the image in sight one needs no map. */
const LARGEST_SHARE = 0.5;

interface Props {
  readonly thumbnailUrl: string;
  readonly image: Size;
  readonly viewport: Viewport;
  readonly view: Size;
  readonly onCentre: (share: { readonly x: number; readonly y: number }) => void;
}

/** The whole image small, with the part that is in sight; a press or drag goes there. */
export function Minimap({ thumbnailUrl, image, viewport, view, onCentre }: Props) {
  const box = visibleBox(viewport, image, view);
  const [width, height] = [Math.max(0, box.x1 - box.x0), Math.max(0, box.y1 - box.y0)];
  if (view.width === 0 || (width * height) / (image.width * image.height) > LARGEST_SHARE) return null;
  const scale = LONG_SIDE / Math.max(image.width, image.height);
  const goTo = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons !== 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const area = event.currentTarget.getBoundingClientRect();
    onCentre({
      x: (event.clientX - area.left) / area.width,
      y: (event.clientY - area.top) / area.height,
    });
  };
  return (
    // The keyboard has keys of its own to move the image; the map is a shortcut for the pointer.
    <div
      className="minimap"
      aria-hidden
      data-testid="minimap"
      style={{ width: image.width * scale, height: image.height * scale }}
      onPointerDown={goTo}
      onPointerMove={goTo}
    >
      <img src={thumbnailUrl} alt="" draggable={false} />
      <div
        className="minimap-part"
        style={{
          left: box.x0 * scale,
          top: box.y0 * scale,
          width: Math.max(4, width * scale),
          height: Math.max(4, height * scale),
        }}
      />
    </div>
  );
}

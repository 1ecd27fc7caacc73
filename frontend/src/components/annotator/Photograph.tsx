import { useLayoutEffect, useRef, useState } from "react";
import { fetchBytes } from "../../api/client";
import { freeOnceGone } from "../../canvas/freeCanvas";
import { devicePlacement } from "../../canvas/paint";
import { photographTiles, PhotographTiles } from "../../canvas/photographTiles";
import { PhotographWorker } from "../../canvas/photographWorker";
import type { Size } from "../../geometry/size";
import type { Viewport } from "../../geometry/viewport";
import { deviceSize } from "./MaskOverlay";

interface Props {
  readonly imageUrl: string;
  /** What is shown first: the photograph itself unless it is large. */
  readonly previewUrl: string;
  readonly image: Size;
  readonly viewport: Viewport;
  readonly view: Size;
  readonly ratio: number;
  readonly onImageFailed: () => void;
}

/** Magnified this much, pixels are shown as squares. */
const PIXELATED_FROM = 2;

/** The photograph under everything; of a large one a preview, and tiles of full sharpness once somebody looks closer. */
export function Photograph(props: Props) {
  const { imageUrl, previewUrl, image, viewport, ratio, onImageFailed } = props;
  const [previewWidth, setPreviewWidth] = useState(Infinity);
  const isLarge = previewUrl !== imageUrl;
  const isClose = viewport.scale * ratio * image.width > previewWidth;
  // Decoding takes seconds and much memory: what was opened stays until the next image.
  const [wasClose, setWasClose] = useState(false);
  if (isLarge && isClose && !wasClose) setWasClose(true);
  return (
    <>
      <img
        className="photograph"
        src={previewUrl}
        alt=""
        draggable={false}
        width={image.width}
        height={image.height}
        onLoad={(event) => setPreviewWidth(event.currentTarget.naturalWidth)}
        onError={onImageFailed}
        style={placed(viewport)}
      />
      {wasClose && <SharpTiles {...props} isClose={isClose} />}
    </>
  );
}

function SharpTiles({
  imageUrl,
  image,
  viewport,
  view,
  ratio,
  isClose,
}: Props & { readonly isClose: boolean }) {
  const container = useRef<HTMLDivElement>(null);
  const tiles = useRef<PhotographTiles<HTMLCanvasElement>>(null);
  useLayoutEffect(() => {
    const ending = new AbortController();
    const worker = new PhotographWorker(fetchBytes(imageUrl, ending.signal));
    tiles.current = new PhotographTiles(
      async (tile) => canvasOf(await worker.cut(tile), tile),
      (shown, isComplete) => {
        container.current?.replaceChildren(...shown.map(({ picture }) => picture));
        if (container.current) container.current.dataset.complete = String(isComplete);
      },
      freeOnceGone,
    );
    return () => {
      ending.abort();
      worker.end();
      tiles.current?.end();
      tiles.current = null;
    };
  }, [imageUrl]);
  useLayoutEffect(() => {
    const placement = devicePlacement(viewport, ratio);
    if (isClose) tiles.current?.want(photographTiles(image, placement, deviceSize(view, ratio)));
  }, [image, viewport, view, ratio, isClose]);
  return (
    <div
      ref={container}
      className="photograph photograph-tiles"
      style={placed(viewport)}
      data-testid="photograph-tiles"
    />
  );
}

function placed({ left, top, scale }: Viewport) {
  return {
    transform: `translate(${left}px, ${top}px) scale(${scale})`,
    imageRendering: scale >= PIXELATED_FROM ? ("pixelated" as const) : ("auto" as const),
  };
}

/** A tile in its place on the photograph, in image pixels. */
function canvasOf(
  bitmap: ImageBitmap,
  { left, top, width, height }: { left: number; top: number; width: number; height: number },
): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  Object.assign(canvas.style, {
    left: `${left}px`,
    top: `${top}px`,
    width: `${width}px`,
    height: `${height}px`,
    imageRendering: "inherit",
  });
  canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
  return canvas;
}

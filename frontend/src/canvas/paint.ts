import type { Viewport } from "../geometry/viewport";
import type { IndexedMask } from "../masks/columns";
import { coverMask, markOutline, OUTLINE, OUTSIDE, type Coverage, type Placement } from "../masks/coverage";
import type { Rgb } from "./colors";

/** How one mask is to look. Opacities are 0 to 255 and never 0, so that a drawn pixel can be told from none. */
export interface MaskStyle {
  readonly color: Rgb;
  readonly fill: number;
  readonly outline: number;
  /** In device pixels. */
  readonly thickness: number;
  /** Length of the outline's dashes in device pixels, none when missing. */
  readonly dash?: number;
}

export interface MaskDrawing {
  readonly mask: IndexedMask;
  readonly style: MaskStyle;
}

/** The viewport in device pixels, which are the canvas's own. */
export function devicePlacement(viewport: Viewport, devicePixelRatio: number): Placement {
  return {
    scale: viewport.scale * devicePixelRatio,
    left: Math.round(viewport.left * devicePixelRatio),
    top: Math.round(viewport.top * devicePixelRatio),
  };
}

/**
 * Draws masks over one another onto a cleared canvas, pixel by pixel from their run lengths, so that what is seen
 * is what is saved: at one device pixel per image pixel exactly the mask's pixels have an opacity above 0.
 */
export function paintMasks(
  context: CanvasRenderingContext2D,
  drawings: readonly MaskDrawing[],
  placement: Placement,
): void {
  const { width, height } = context.canvas;
  context.clearRect(0, 0, width, height);
  const coverages = drawings.flatMap(({ mask, style }) => {
    const coverage = coverMask(mask, placement, { height, width });
    return coverage ? [{ coverage, style }] : [];
  });
  if (coverages.length === 0) return;
  const left = Math.min(...coverages.map(({ coverage }) => coverage.left));
  const top = Math.min(...coverages.map(({ coverage }) => coverage.top));
  const right = Math.max(...coverages.map(({ coverage }) => coverage.left + coverage.width));
  const bottom = Math.max(...coverages.map(({ coverage }) => coverage.top + coverage.height));
  const image = context.createImageData(right - left, bottom - top);
  for (const { coverage, style } of coverages) blend(image, left, top, coverage, style);
  context.putImageData(image, left, top);
}

/** A pixel's four bytes as one number, in the order of the machines that browsers run on: the lowest first. */
function packed([red, green, blue]: Rgb, alpha: number): number {
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/**
 * Lays one mask's colour over what is in the image already (source over, not premultiplied). The image's corner is at
 * (left, top) of the grid that the mask was covered on; what is covered beyond the image is left out. The outline is
 * marked in `coverage`.
 */
export function blend(
  image: ImageData,
  left: number,
  top: number,
  coverage: Coverage,
  style: MaskStyle,
): void {
  // Most pixels have nothing below: one write for four.
  const whole = new Uint32Array(image.data.buffer, image.data.byteOffset, image.data.length / 4);
  const [fill, outline] = [packed(style.color, style.fill), packed(style.color, style.outline)];
  const { pixels, width, height } = coverage;
  const right = coverage.left - left;
  const down = coverage.top - top;
  const fromX = Math.max(0, -right);
  const toX = Math.min(width, image.width - right);
  const fromY = Math.max(0, -down);
  const toY = Math.min(height, image.height - down);
  const { thickness } = style;
  const isOutlineFar =
    Math.min(fromX, fromY, width - toX, height - toY) >= thickness && !pixels.includes(OUTSIDE);
  if (!isOutlineFar) markOutline(coverage, thickness);
  for (let y = fromY; y < toY; y++) {
    const row = y * width;
    const imageRow = (y + down) * image.width + right;
    for (let x = fromX; x < toX; x++) {
      const kind = pixels[row + x];
      if (kind === OUTSIDE) continue;
      const isStrong = kind === OUTLINE && (style.dash === undefined || isInDash(coverage, x, y, style.dash));
      if (whole[imageRow + x] === 0) whole[imageRow + x] = isStrong ? outline : fill;
      else layOver(image.data, 4 * (imageRow + x), style, isStrong);
    }
  }
}

function layOver(data: Uint8ClampedArray, at: number, style: MaskStyle, isStrong: boolean): void {
  const alpha = isStrong ? style.outline : style.fill;
  const kept = (data[at + 3]! * (255 - alpha)) / 255;
  const total = alpha + kept;
  for (let channel = 0; channel < 3; channel++) {
    data[at + channel] = (style.color[channel]! * alpha + data[at + channel]! * kept) / total;
  }
  data[at + 3] = total;
}

/** Diagonal bands of the canvas cut every outline into dashes, whichever way it runs but along them. */
function isInDash({ left, top }: Coverage, x: number, y: number, dash: number): boolean {
  return Math.floor((left + x + 2 * (top + y)) / dash) % 2 === 0;
}

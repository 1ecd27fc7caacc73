import type { Viewport } from "../geometry/viewport";
import type { IndexedMask } from "../masks/columns";
import { coverMask, splitOutline, type Coverage, type Placement } from "../masks/coverage";
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
  coverages.forEach(({ coverage, style }, index) => blend(image, left, top, coverage, style, index === 0));
  context.putImageData(image, left, top);
}

/** A pixel's four bytes as one number, in the order of the machines that browsers run on: the lowest first. */
function packed([red, green, blue]: Rgb, alpha: number): number {
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/**
 * Lays one mask's colour over what is in the image already (source over, not premultiplied). The image's corner is at
 * (left, top) of the grid that the mask was covered on; what is covered beyond the image is left out. `isBlank`: nothing
 * is in the image yet.
 */
export function blend(
  image: ImageData,
  left: number,
  top: number,
  coverage: Coverage,
  style: MaskStyle,
  isBlank: boolean,
): void {
  // Most pixels have nothing below: one write for four.
  const whole = new Uint32Array(image.data.buffer, image.data.byteOffset, image.data.length / 4);
  const [fill, strong] = [packed(style.color, style.fill), packed(style.color, style.outline)];
  const lay = (from: number, to: number, color: number, opacity: number) => {
    if (isBlank) {
      whole.fill(color, from, to);
      return;
    }
    for (let at = from; at < to; at++) {
      if (whole[at] === 0) whole[at] = color;
      else layOver(image.data, 4 * at, style.color, opacity);
    }
  };
  const { outline, core } = splitOutline(coverage, style.thickness);
  forEachRun(core, image, left, top, (from, to) => lay(from, to, fill, style.fill));
  const { dash } = style;
  forEachRun(outline, image, left, top, (from, to, x, y) => {
    if (dash === undefined) {
      lay(from, to, strong, style.outline);
      return;
    }
    for (let at = from; at < to; at++) {
      if (isInDash(x + at - from, y, dash)) lay(at, at + 1, strong, style.outline);
      else lay(at, at + 1, fill, style.fill);
    }
  });
}

/** Calls `visit` with the runs that lie on an image whose corner is at (left, top): positions, and the first one's (x, y) on
 * the grid. */
function forEachRun(
  { rows, ...coverage }: Coverage,
  { width, height }: ImageData,
  left: number,
  top: number,
  visit: (from: number, to: number, x: number, y: number) => void,
): void {
  const right = coverage.left - left;
  const down = coverage.top - top;
  const end = Math.min(rows.length, height - down);
  for (let y = Math.max(0, -down); y < end; y++) {
    const row = rows[y]!;
    const start = (y + down) * width;
    for (let i = 0; i < row.length; i += 2) {
      const from = Math.max(0, row[i]! + right);
      const to = Math.min(width, row[i + 1]! + right);
      if (from < to) visit(start + from, start + to, from + left, y + coverage.top);
    }
  }
}

function layOver(data: Uint8ClampedArray, at: number, color: Rgb, opacity: number): void {
  const kept = (data[at + 3]! * (255 - opacity)) / 255;
  const total = opacity + kept;
  for (let channel = 0; channel < 3; channel++) {
    data[at + channel] = (color[channel]! * opacity + data[at + channel]! * kept) / total;
  }
  data[at + 3] = total;
}

/** Diagonal bands of the canvas cut every outline into dashes, whichever way it runs but along them. */
function isInDash(x: number, y: number, dash: number): boolean {
  return Math.floor((x + 2 * y) / dash) % 2 === 0;
}

import type { Size } from "../geometry/size";

/**
 * A binary mask as COCO run lengths: pixels in column-major order, the runs alternating and starting with a
 * run of zeros (which may be empty). The counts add up to height * width.
 */
export interface Rle {
  readonly size: Size;
  readonly counts: Uint32Array;
}

/** XYWH in pixels, as COCO writes boxes. */
export interface Bbox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Collects runs without ever holding the pixels. */
export class RunWriter {
  private counts = new Uint32Array(256);
  private length = 1;
  private value = 0;

  push(value: 0 | 1, pixels: number): void {
    if (pixels === 0) return;
    if (value !== this.value) {
      if (this.length === this.counts.length) {
        const grown = new Uint32Array(this.counts.length * 2);
        grown.set(this.counts);
        this.counts = grown;
      }
      this.length += 1;
      this.value = value;
    }
    this.counts[this.length - 1]! += pixels;
  }

  finish(size: Size): Rle {
    return { size, counts: this.counts.slice(0, this.length) };
  }
}

/** Run lengths of a row-major bitmap with one byte per pixel (0 or not). */
export function rleEncode(bits: Uint8Array, size: Size): Rle {
  if (bits.length !== size.height * size.width) {
    throw new RangeError(`${bits.length} pixels are not ${size.height} x ${size.width}`);
  }
  const writer = new RunWriter();
  for (let x = 0; x < size.width; x++) {
    for (let y = 0; y < size.height; y++) writer.push(bits[y * size.width + x] ? 1 : 0, 1);
  }
  return writer.finish(size);
}

/** The row-major bitmap of a mask, one byte per pixel (0 or 1). */
export function rleDecode(rle: Rle): Uint8Array {
  const { height, width } = rle.size;
  const bits = new Uint8Array(height * width);
  let position = 0;
  rle.counts.forEach((count, index) => {
    if (index % 2 === 1) {
      for (let i = position; i < position + count; i++)
        bits[(i % height) * width + Math.floor(i / height)] = 1;
    }
    position += count;
  });
  return bits;
}

/** Number of pixels in the mask. */
export function rleArea(rle: Rle): number {
  let area = 0;
  for (let index = 1; index < rle.counts.length; index += 2) area += rle.counts[index]!;
  return area;
}

/** The smallest box around the mask's pixels, or null for an empty mask. */
export function rleBbox(rle: Rle): Bbox | null {
  const { height } = rle.size;
  let position = 0;
  let [x0, y0, x1, y1] = [Infinity, Infinity, -1, -1];
  for (let index = 0; index < rle.counts.length; index++) {
    const count = rle.counts[index]!;
    if (index % 2 === 1 && count > 0) {
      const last = position + count - 1;
      const [firstColumn, lastColumn] = [Math.floor(position / height), Math.floor(last / height)];
      x0 = Math.min(x0, firstColumn);
      x1 = Math.max(x1, lastColumn);
      const crossesColumns = lastColumn > firstColumn;
      y0 = Math.min(y0, crossesColumns ? 0 : position % height);
      y1 = Math.max(y1, crossesColumns ? height - 1 : last % height);
    }
    position += count;
  }
  return x1 < 0 ? null : { x: x0, y: y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** The few calls of a 2-D context that painting makes, on an array. */
export class ArrayContext {
  readonly canvas: { width: number; height: number; context: ArrayContext };
  imageSmoothingEnabled = true;
  pixels: Uint8ClampedArray;
  /** How often pixels were put here and what was copied here. */
  puts = 0;
  copies = 0;

  constructor({ width, height }: { width: number; height: number }) {
    this.canvas = { width, height, context: this };
    this.pixels = new Uint8ClampedArray(width * height * 4);
  }

  clearRect(): void {
    this.pixels.fill(0);
  }

  createImageData(width: number, height: number): Pixels {
    return { width, height, data: new Uint8ClampedArray(width * height * 4) };
  }

  putImageData(image: Pixels, left: number, top: number): void {
    this.puts += 1;
    for (let y = 0; y < image.height; y++) {
      const row = image.data.subarray(y * image.width * 4, (y + 1) * image.width * 4);
      this.pixels.set(row, ((y + top) * this.canvas.width + left) * 4);
    }
  }

  /** Copies without smoothing what is not transparent. */
  drawImage(
    source: ArrayContext["canvas"],
    left: number,
    top: number,
    width = source.width,
    height = source.height,
  ): void {
    this.copies += 1;
    const { pixels } = source.context;
    for (let y = Math.max(0, top); y < Math.min(this.canvas.height, top + height); y++) {
      for (let x = Math.max(0, left); x < Math.min(this.canvas.width, left + width); x++) {
        const column = Math.floor(((x - left + 0.5) * source.width) / width);
        const row = Math.floor(((y - top + 0.5) * source.height) / height);
        const from = 4 * (row * source.width + column);
        if (pixels[from + 3] === 0) continue;
        this.pixels.set(pixels.subarray(from, from + 4), 4 * (y * this.canvas.width + x));
      }
    }
  }

  opacity(): number[] {
    return Array.from({ length: this.pixels.length / 4 }, (_, i) => this.pixels[4 * i + 3]!);
  }
}

export function asContext(context: ArrayContext): CanvasRenderingContext2D {
  return context as unknown as CanvasRenderingContext2D;
}

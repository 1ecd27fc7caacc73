import type { ModelFrame } from "../geometry/frames";
import type { Size } from "../geometry/size";
import { RunWriter, type Rle } from "./rle";

/** Output rows (or columns) as weighted sums of at most four neighbouring low-resolution ones. */
interface AxisTaps {
  /** First low-resolution index of every output index; never decreases. */
  readonly base: Int32Array;
  /** Four weights per output index, for base .. base + 3; weights past the edge are zero. */
  readonly weights: Float64Array;
  /** Output indices at which `base` changes, and the output length at the end. */
  readonly segments: Int32Array;
}

const TAPS = 4;

/**
 * The mask of one low-resolution logit map at the original size (spec section 5): bilinear to the model's input
 * side, crop to the resized image, bilinear to the original size, then > threshold.
 *
 * `logits` is [height, width] row-major of `lowRes`. Both bilinear steps (align_corners false) are separable and
 * linear, so they compose into one small weighted sum per axis, evaluated in double precision. Columns are
 * emitted as runs straight away: wherever all logits that can reach a stretch of a column share a sign, the
 * stretch is one run, so a 48-megapixel mask costs its outline and no image-sized array ever exists.
 */
export function upsampleToRle(logits: Float32Array, lowRes: Size, frame: ModelFrame, threshold: number): Rle {
  const { original, resized, side } = frame;
  if (logits.length !== lowRes.height * lowRes.width) {
    throw new RangeError(`${logits.length} logits are not ${lowRes.height} x ${lowRes.width}`);
  }
  const rows = axisTaps(lowRes.height, side, resized.height, original.height);
  const columns = axisTaps(lowRes.width, side, resized.width, original.width);
  const columnMaximum = maximumPerColumn(logits, lowRes);
  const writer = new RunWriter();
  // One spare stretch at the end, so that base + 3 stays inside; its weights are zero.
  const mixed = new Float64Array(lowRes.height + TAPS).fill(-Infinity);
  for (let x = 0; x < original.width; x++) {
    const first = columns.base[x]!;
    const last = Math.min(first + TAPS, lowRes.width);
    let highest = -Infinity;
    for (let i = first; i < last; i++) highest = Math.max(highest, columnMaximum[i]!);
    if (highest <= threshold) {
      writer.push(0, original.height);
      continue;
    }
    mixColumn(logits, lowRes, columns, x, mixed);
    writeColumn(mixed, lowRes.height, rows, threshold, writer);
  }
  return writer.finish(original);
}

/** One output column before the vertical step: `lowRes.height` values. */
function mixColumn(
  logits: Float32Array,
  lowRes: Size,
  columns: AxisTaps,
  x: number,
  mixed: Float64Array,
): void {
  const first = columns.base[x]!;
  const taps = Math.min(TAPS, lowRes.width - first);
  for (let y = 0; y < lowRes.height; y++) {
    let sum = 0;
    const row = y * lowRes.width + first;
    for (let tap = 0; tap < taps; tap++) sum += columns.weights[x * TAPS + tap]! * logits[row + tap]!;
    mixed[y] = sum;
  }
}

function writeColumn(
  mixed: Float64Array,
  height: number,
  rows: AxisTaps,
  threshold: number,
  writer: RunWriter,
): void {
  for (let segment = 0; segment + 1 < rows.segments.length; segment++) {
    const start = rows.segments[segment]!;
    const end = rows.segments[segment + 1]!;
    const first = rows.base[start]!;
    const taps = Math.min(TAPS, height - first);
    let [above, below] = [0, 0];
    for (let tap = 0; tap < taps; tap++) {
      if (mixed[first + tap]! > threshold) above += 1;
      else below += 1;
    }
    if (above === 0) writer.push(0, end - start);
    else if (below === 0) writer.push(1, end - start);
    else {
      for (let y = start; y < end; y++) {
        let sum = 0;
        for (let tap = 0; tap < taps; tap++) sum += rows.weights[y * TAPS + tap]! * mixed[first + tap]!;
        writer.push(sum > threshold ? 1 : 0, 1);
      }
    }
  }
}

function maximumPerColumn(logits: Float32Array, lowRes: Size): Float32Array {
  const maximum = new Float32Array(lowRes.width).fill(-Infinity);
  for (let y = 0; y < lowRes.height; y++) {
    for (let x = 0; x < lowRes.width; x++) {
      const value = logits[y * lowRes.width + x]!;
      if (value > maximum[x]!) maximum[x] = value;
    }
  }
  return maximum;
}

/** Bilinear source of one output index with align_corners false: two neighbours and the second one's share. */
function bilinearSource(index: number, input: number, output: number): [number, number, number] {
  const source = Math.max(0, (index + 0.5) * (input / output) - 0.5);
  const lower = Math.min(Math.floor(source), input - 1);
  return [lower, Math.min(lower + 1, input - 1), source - lower];
}

function axisTaps(low: number, side: number, cropped: number, output: number): AxisTaps {
  if (low > 2 * side)
    throw new RangeError(`${low} logits per axis are too many for an input of ${side} pixels`);
  const base = new Int32Array(output);
  const weights = new Float64Array(output * TAPS);
  const segments = [0];
  for (let index = 0; index < output; index++) {
    const [near, far, farShare] = bilinearSource(index, cropped, output);
    const first = bilinearSource(near, low, side)[0];
    base[index] = first;
    if (index > 0 && first !== base[index - 1]) segments.push(index);
    for (const [middle, share] of [
      [near, 1 - farShare],
      [far, farShare],
    ] as const) {
      const [a, b, bShare] = bilinearSource(middle, low, side);
      weights[index * TAPS + a - first]! += share * (1 - bShare);
      weights[index * TAPS + b - first]! += share * bShare;
    }
  }
  segments.push(output);
  return { base, weights, segments: Int32Array.from(segments) };
}

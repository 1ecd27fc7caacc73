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
 * linear, so they compose into one small weighted sum per axis, evaluated in double precision. Columns are emitted as
 * runs straight away. Output columns that are made of the same low-resolution ones share a plan of what is a run as
 * it stands: wherever all logits that can reach a stretch have one sign. Only along the outline is anything summed, so
 * that a 48-megapixel mask costs its outline and no image-sized array ever exists.
 */
export function upsampleToRle(logits: Float32Array, lowRes: Size, frame: ModelFrame, threshold: number): Rle {
  const { original, resized, side } = frame;
  if (logits.length !== lowRes.height * lowRes.width) {
    throw new RangeError(`${logits.length} logits are not ${lowRes.height} x ${lowRes.width}`);
  }
  const rows = axisTaps(lowRes.height, side, resized.height, original.height);
  const columns = axisTaps(lowRes.width, side, resized.width, original.width);
  const writer = new RunWriter();
  const signs = new Uint8Array(lowRes.height);
  const mixed = new Float64Array(lowRes.height);
  for (let group = 0; group + 1 < columns.segments.length; group++) {
    const start = columns.segments[group]!;
    const taps = { first: columns.base[start]!, count: Math.min(TAPS, lowRes.width - columns.base[start]!) };
    findSigns(logits, lowRes, taps, threshold, signs);
    const plan = planStretches(signs, rows);
    for (let x = start; x < columns.segments[group + 1]!; x++) {
      // Rows below this one are mixed for this column already: stretches that follow each other share three of them.
      let known = 0;
      for (const stretch of plan) {
        if (stretch.value !== null) {
          writer.push(stretch.value, stretch.end - stretch.start);
          continue;
        }
        const first = rows.base[stretch.start]!;
        const end = Math.min(first + TAPS, lowRes.height);
        for (let y = Math.max(first, known); y < end; y++) {
          let sum = 0;
          const row = y * lowRes.width + taps.first;
          for (let tap = 0; tap < taps.count; tap++)
            sum += columns.weights[x * TAPS + tap]! * logits[row + tap]!;
          mixed[y] = sum;
        }
        known = end;
        writeStretch(mixed, { first, count: end - first }, rows, stretch, threshold, writer);
      }
    }
  }
  return writer.finish(original);
}

/** Neighbouring low-resolution rows or columns that an output one is made of. */
interface Taps {
  readonly first: number;
  readonly count: number;
}

/** Output rows [start, end) of a column that are all in the mask (1), all outside (0), or have to be looked at (null). */
interface Stretch {
  readonly start: number;
  end: number;
  readonly value: 0 | 1 | null;
}

const MIXED = 2;

/** Per low-resolution row: 1 where all of its logits among `taps` are above the threshold, 0 where none is, or MIXED. */
function findSigns(
  logits: Float32Array,
  lowRes: Size,
  { first, count }: Taps,
  threshold: number,
  signs: Uint8Array,
): void {
  for (let y = 0; y < lowRes.height; y++) {
    const row = y * lowRes.width + first;
    let above = 0;
    for (let tap = 0; tap < count; tap++) if (logits[row + tap]! > threshold) above += 1;
    signs[y] = above === 0 ? 0 : above === count ? 1 : MIXED;
  }
}

function planStretches(signs: Uint8Array, rows: AxisTaps): Stretch[] {
  const plan: Stretch[] = [];
  for (let segment = 0; segment + 1 < rows.segments.length; segment++) {
    const start = rows.segments[segment]!;
    const end = rows.segments[segment + 1]!;
    const first = rows.base[start]!;
    const last = Math.min(first + TAPS, signs.length);
    let sign = signs[first]!;
    for (let y = first + 1; y < last; y++) if (signs[y] !== sign) sign = MIXED;
    const value = sign === MIXED ? null : (sign as 0 | 1);
    const before = plan.at(-1);
    if (before && value !== null && before.value === value) before.end = end;
    else plan.push({ start, end, value });
  }
  return plan;
}

function writeStretch(
  mixed: Float64Array,
  { first, count }: Taps,
  rows: AxisTaps,
  { start, end }: Stretch,
  threshold: number,
  writer: RunWriter,
): void {
  let above = 0;
  for (let tap = 0; tap < count; tap++) if (mixed[first + tap]! > threshold) above += 1;
  if (above === 0 || above === count) {
    writer.push(above === 0 ? 0 : 1, end - start);
    return;
  }
  for (let y = start; y < end; y++) {
    let sum = 0;
    for (let tap = 0; tap < count; tap++) sum += rows.weights[y * TAPS + tap]! * mixed[first + tap]!;
    writer.push(sum > threshold ? 1 : 0, 1);
  }
}

/** Bilinear source of one output index with align_corners false: two neighbours and the second one's share. */
function bilinearSource(index: number, input: number, output: number): [number, number, number] {
  const source = Math.max(0, (index + 0.5) * (input / output) - 0.5);
  const lower = Math.min(Math.floor(source), input - 1);
  return [lower, Math.min(lower + 1, input - 1), source - lower];
}

/** Those of the latest masks: all masks of an image are made of the same taps. */
const kept = new Map<string, AxisTaps>();
const KEPT = 4;

function axisTaps(low: number, side: number, cropped: number, output: number): AxisTaps {
  const key = [low, side, cropped, output].join();
  const taps = kept.get(key) ?? makeTaps(low, side, cropped, output);
  // So that the one used longest ago goes first.
  kept.delete(key);
  kept.set(key, taps);
  for (const oldest of kept.keys()) if (kept.size > KEPT) kept.delete(oldest);
  return taps;
}

function makeTaps(low: number, side: number, cropped: number, output: number): AxisTaps {
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

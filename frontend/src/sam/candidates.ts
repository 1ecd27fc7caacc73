import type { ModelFrame } from "../geometry/frames";
import type { Size } from "../geometry/size";
import type { Manifest } from "./manifest";

/** What one decoder call answers: four masks' predicted IoUs and their logits [4, L, L]. */
export interface DecoderOutput {
  readonly iouPredictions: Float32Array;
  readonly lowResMasks: Float32Array;
}

/** One of the decoder's masks: 0 is the single-mask token, 1 to 3 are whole, part and subpart. */
export interface LowResCandidate {
  readonly candidate: number;
  readonly predictedIou: number;
  readonly stabilityScore: number;
  /** [L, L] logits, row-major: the mask prompt of the next call. */
  readonly lowRes: Float32Array;
}

const SINGLE_MASK = 0;

/**
 * Which of the four masks to offer, best first. One prompt is ambiguous: masks 1 to 3 by predicted IoU. With more
 * prompts the single-mask token leads, as in the paper, and the other three remain within reach.
 */
export function candidateOrder(iouPredictions: Float32Array, prompts: number): number[] {
  const ambiguous = [1, 2, 3].sort((a, b) => iouPredictions[b]! - iouPredictions[a]!);
  return prompts > 1 ? [SINGLE_MASK, ...ambiguous] : ambiguous;
}

/** The first `limit` candidates in the order they are offered; each has its own copy of its logits. */
export function readCandidates(
  output: DecoderOutput,
  prompts: number,
  manifest: Manifest,
  frame: ModelFrame,
  limit = Infinity,
): LowResCandidate[] {
  const cells = manifest.lowResSize.height * manifest.lowResSize.width;
  const picture = unpaddedLowRes(manifest.lowResSize, frame);
  const order = candidateOrder(output.iouPredictions, prompts).slice(0, limit);
  return order.map((candidate) => {
    const lowRes = output.lowResMasks.slice(candidate * cells, (candidate + 1) * cells);
    return {
      candidate,
      predictedIou: output.iouPredictions[candidate]!,
      stabilityScore: stabilityScore(lowRes, manifest, picture),
      lowRes,
    };
  });
}

/** The part of the low-resolution map that shows the image and not the padding. */
function unpaddedLowRes(lowRes: Size, frame: ModelFrame): Size {
  return {
    height: Math.ceil((frame.resized.height * lowRes.height) / frame.side),
    width: Math.ceil((frame.resized.width * lowRes.width) / frame.side),
  };
}

/**
 * IoU of the mask cut `stabilityOffset` above and below the threshold (spec section 11), on the low-resolution
 * logits inside the image. 0 when even the looser cut is empty.
 */
function stabilityScore(lowRes: Float32Array, manifest: Manifest, picture: Size): number {
  const { maskThreshold, stabilityOffset, lowResSize } = manifest;
  let strict = 0;
  let loose = 0;
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const value = lowRes[y * lowResSize.width + x]!;
      if (value > maskThreshold + stabilityOffset) strict += 1;
      if (value > maskThreshold - stabilityOffset) loose += 1;
    }
  }
  return loose === 0 ? 0 : strict / loose;
}

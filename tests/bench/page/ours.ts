// What becomes of a decode in the application, bundled for the bench: the application's own modules, without its page.

import { devicePlacement, paintMasks } from "../../../frontend/src/canvas/paint";
import { modelFrame } from "../../../frontend/src/geometry/frames";
import type { Size } from "../../../frontend/src/geometry/size";
import { fitViewport } from "../../../frontend/src/geometry/viewport";
import { indexMask } from "../../../frontend/src/masks/columns";
import type { Rle } from "../../../frontend/src/masks/rle";
import { upsampleToRle } from "../../../frontend/src/masks/upsample";
import { readCandidates, type DecoderOutput } from "../../../frontend/src/sam/candidates";
import type { Manifest } from "../../../frontend/src/sam/manifest";

export { SESSION_OPTIONS } from "../../../frontend/src/inference/sessionOptions";

const STYLE = { color: [0, 114, 178], fill: 110, outline: 255, thickness: 2 } as const;

/** In the worker: the best of the candidates of one click, in run lengths at the image's own size. */
export function bestMask(output: DecoderOutput, imageSize: number, lowRes: Size, original: Size): Rle {
  const manifest = { imageSize, lowResSize: lowRes, maskThreshold: 0, stabilityOffset: 1 } as Manifest;
  const frame = modelFrame(original, imageSize);
  const [best] = readCandidates(output, 1, manifest, frame, 1);
  return upsampleToRle(best!.lowRes, lowRes, frame, 0);
}

/** On the page: drawn over the whole view, as hovering draws it. */
export function draw(context: CanvasRenderingContext2D, rle: Rle): void {
  const view = { height: context.canvas.height, width: context.canvas.width };
  const placement = devicePlacement(fitViewport(rle.size, view), 1);
  paintMasks(context, [{ mask: indexMask(rle), style: STYLE }], placement);
}

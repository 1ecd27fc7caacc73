import { indexMask } from "../masks/columns";
import { fromCoco, toCoco, type CocoSegmentation } from "../masks/rleString";
import type { SavedMask } from "../state/annotation";

/**
 * A mask as it is stored: COCO's compressed runs, a character or two per run, without the index for drawing, which
 * takes eight bytes per column and is made again in no time.
 */
export type PackedMask = Omit<SavedMask, "mask" | "tool" | "modelSegmentation"> & {
  readonly segmentation: CocoSegmentation;
  readonly tool?: SavedMask["tool"];
  readonly modelSegmentation?: SavedMask["modelSegmentation"];
};

export function packMask(saved: SavedMask): PackedMask {
  const { mask, ...rest } = saved;
  return { ...rest, segmentation: toCoco(mask.rle) };
}

/** Throws `RangeError` when the run lengths are broken. */
export function unpackMask(packed: PackedMask): SavedMask {
  const { segmentation, ...rest } = packed;
  // What was kept before masks knew their tool and their model's mask has none.
  return { tool: null, modelSegmentation: null, ...rest, mask: indexMask(fromCoco(segmentation)) };
}

/** What a mask takes in the database, about: its runs; the rest of it is small. */
export function charactersOf(packed: PackedMask | null): number {
  return packed?.segmentation.counts.length ?? 0;
}

export const packOptional = (mask: SavedMask | null): PackedMask | null => mask && packMask(mask);
export const unpackOptional = (packed: PackedMask | null): SavedMask | null => packed && unpackMask(packed);

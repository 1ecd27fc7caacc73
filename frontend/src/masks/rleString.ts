import type { Size } from "../geometry/size";
import type { Rle } from "./rle";

/** A mask as the API and COCO files carry it: `size` is [height, width], `counts` the compressed string. */
export interface CocoSegmentation {
  readonly size: readonly [number, number];
  readonly counts: string;
}

const BITS = 5;
const PAYLOAD = 0x1f;
const SIGN = 0x10;
const MORE = 0x20;
const FIRST_CHARACTER = 48;

/**
 * COCO's compressed form. From the fourth run on, the difference to the run two before is written; numbers go
 * out five bits at a time, lowest first, as characters from "0" on, bit 5 saying that more follow and the last
 * group's bit 4 being the sign (pycocotools, `maskApi.c`).
 */
export function rleToString(rle: Rle): string {
  const characters: string[] = [];
  for (let index = 0; index < rle.counts.length; index++) {
    let rest = rle.counts[index]! - (index > 2 ? rle.counts[index - 2]! : 0);
    let more = true;
    while (more) {
      const group = rest & PAYLOAD;
      rest >>= BITS;
      more = group & SIGN ? rest !== -1 : rest !== 0;
      characters.push(String.fromCharCode((more ? group | MORE : group) + FIRST_CHARACTER));
    }
  }
  return characters.join("");
}

/** Reads the compressed form. Throws `RangeError` when it is cut off or does not fill the size. */
export function rleFromString(text: string, size: Size): Rle {
  const counts: number[] = [];
  let position = 0;
  let total = 0;
  while (position < text.length) {
    let value = 0;
    let shift = 0;
    let group = MORE;
    while (group & MORE) {
      if (position >= text.length) throw new RangeError("the run lengths are cut off");
      group = text.charCodeAt(position) - FIRST_CHARACTER;
      if (group < 0 || group > 63) throw new RangeError(`"${text[position]!}" is no run-length character`);
      position += 1;
      value |= (group & PAYLOAD) << shift;
      shift += BITS;
    }
    if (group & SIGN) value |= shift < 32 ? -1 << shift : 0;
    if (counts.length > 2) value += counts[counts.length - 2]!;
    counts.push(value);
    total += value;
  }
  if (total !== size.height * size.width || counts.some((count) => count < 0)) {
    throw new RangeError(`the run lengths do not fill ${size.height} x ${size.width} pixels`);
  }
  return { size, counts: Uint32Array.from(counts) };
}

export function toCoco(rle: Rle): CocoSegmentation {
  return { size: [rle.size.height, rle.size.width], counts: rleToString(rle) };
}

export function fromCoco(segmentation: CocoSegmentation): Rle {
  const [height, width] = segmentation.size;
  return rleFromString(segmentation.counts, { height, width });
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { indexMask } from "../masks/columns";
import { rleDecode, rleEncode, type Rle } from "../masks/rle";
import { rectangleMask } from "../masks/shapes";
import * as actions from "./actions";
import { initialState } from "./annotation";
import { maskEdited } from "./editing";
import { refinementBegun } from "./refinement";
import { ACCEPTANCE, savedMask } from "./testMasks";
import { yieldedMask } from "./yielding";
import { masksHidden } from "./visibility";

const size = { height: 12, width: 16 };
const rectangle = (x0: number, y0: number, x1: number, y1: number) => rectangleMask({ x0, y0, x1, y1 }, size);

const saved = (id: string, rle: Rle) => savedMask(id, rle, { secondsSpent: 2 });
const acceptance = { ...ACCEPTANCE, yields: true };
const start = initialState(size, [saved("a", rectangle(0, 0, 4, 12)), saved("b", rectangle(10, 0, 16, 12))]);

describe("a new mask that yields", () => {
  it("loses exactly the pixels of visible saved masks", () => {
    const bits = fc.uint8Array({ min: 0, max: 1, minLength: 192, maxLength: 192 });
    fc.assert(
      fc.property(bits, bits, bits, (mine, a, b) => {
        const state = initialState(size, [saved("a", rleEncode(a, size)), saved("b", rleEncode(b, size))]);
        const left = yieldedMask(masksHidden(state, ["b"], true), indexMask(rleEncode(mine, size)));
        expect(Array.from(rleDecode(left.rle))).toEqual(Array.from(mine, (bit, at) => bit & ~a[at]! & 1));
      }),
    );
  });

  it("is the same object where it meets none", () => {
    const mask = indexMask(rectangle(5, 0, 9, 9));
    expect(yieldedMask(start, mask)).toBe(mask);
  });

  it("is saved as it yields, and not at all when nothing is left", () => {
    const drawn = maskEdited(start, rectangle(2, 0, 12, 4));
    expect(actions.draftAccepted(drawn, acceptance).masks.get("new")!.mask.area).toBe(6 * 4);
    expect(actions.draftAccepted(drawn, { ...acceptance, yields: false }).masks.get("new")!.mask.area).toBe(
      40,
    );
    const covered = maskEdited(start, rectangle(1, 1, 3, 3));
    expect(actions.draftAccepted(covered, acceptance)).toBe(covered);
  });

  it("does not yield to itself while it is refined", () => {
    let state = maskEdited(refinementBegun(start, "a"), rectangle(0, 0, 12, 12));
    state = actions.draftAccepted(state, acceptance);
    expect(state.masks.get("a")!.mask.area).toBe(10 * 12);
  });
});

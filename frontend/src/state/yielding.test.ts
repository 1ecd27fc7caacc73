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

  it("loses the same to many masks, and is worked out once while nothing else changes", () => {
    const cells = Array.from({ length: 96 }, (_, index) => {
      const [x, y] = [(index * 2) % 16, Math.floor(index / 8)];
      return saved(`c${index}`, rectangle(x, y, x + 1, y + 1));
    });
    const state = initialState(size, cells);
    const everything = indexMask(rectangle(0, 0, 16, 12));
    const left = yieldedMask(state, everything);
    expect(left.area).toBe(96);
    expect(yieldedMask({ ...state, labelId: 2, selectedId: "c0" }, everything)).toBe(left);
    expect(yieldedMask(masksHidden(state, ["c0"], true), everything).area).toBe(97);
    expect(yieldedMask(refinementBegun(state, "c1"), everything).area).toBe(97);
    expect(yieldedMask(state, indexMask(rectangle(0, 0, 16, 12))).area).toBe(96);
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

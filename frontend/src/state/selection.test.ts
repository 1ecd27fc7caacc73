import { describe, expect, it } from "vitest";
import {
  maskSelected,
  maskSelectedAt,
  maskSelectionExtended,
  maskSelectionToggled,
  masksLocked,
  masksSelected,
  selectedIds,
} from "./selection";
import { boxMask, stateOf } from "./testMasks";

const state = stateOf(
  boxMask("a", [0, 0, 10, 10]),
  boxMask("b", [0, 0, 5, 5]),
  boxMask("c", [10, 10, 15, 15]),
  boxMask("d", [15, 15, 18, 18]),
);

describe("the selection", () => {
  it("grows and shrinks by single masks; the next takes the first one's place", () => {
    let now = maskSelected(state, "b");
    now = maskSelectionToggled(now, "a");
    expect(selectedIds(now)).toEqual(["b", "a"]);
    now = maskSelectionToggled(now, "b");
    expect(selectedIds(now)).toEqual(["a"]);
    expect(selectedIds(maskSelectionToggled(now, "a"))).toEqual([]);
    expect(maskSelectionToggled(now, "nobody")).toBe(now);
  });

  it("extends from the first one along the list, in either direction, and again from there", () => {
    const listed = ["d", "c", "b", "a"];
    let now = maskSelectionExtended(maskSelected(state, "c"), listed, "a");
    expect(selectedIds(now)).toEqual(["c", "b", "a"]);
    now = maskSelectionExtended(now, listed, "d");
    expect(selectedIds(now)).toEqual(["c", "d"]);
    expect(selectedIds(maskSelectionExtended(state, listed, "b"))).toEqual(["b"]);
  });

  it("takes what is seen at a pixel, and nothing where nothing is", () => {
    expect(selectedIds(maskSelectedAt(state, 2, 2))).toEqual(["b"]);
    expect(selectedIds(maskSelectedAt(maskSelected(state, "a"), 19, 0))).toEqual([]);
  });

  it("never holds a locked mask", () => {
    const locked = masksLocked(masksSelected(state, ["b", "a", "c"]), ["b"], true);
    expect(selectedIds(locked)).toEqual(["a", "c"]);
    expect(maskSelected(locked, "b")).toBe(locked);
    expect(maskSelectionToggled(locked, "b")).toBe(locked);
    expect(selectedIds(masksSelected(locked, ["a", "b", "c", "d"]))).toEqual(["a", "c", "d"]);
    // The mask below it is within reach instead.
    expect(selectedIds(maskSelectedAt(locked, 2, 2))).toEqual(["a"]);
    expect(selectedIds(maskSelected(masksLocked(locked, ["b"], false), "b"))).toEqual(["b"]);
  });
});

import { describe, expect, it } from "vitest";
import type { LabelAttribute } from "../api/types";
import { changesBetween } from "./history";
import { masksDeleted, masksDescribed, masksRelabelled } from "./objects";
import { masksLocked, masksSelected, selectedIds } from "./selection";
import { boxMask, label, stateOf } from "./testMasks";

const colour = (id: number, choices: string[]): LabelAttribute => ({
  id,
  name: "colour",
  kind: "select",
  choices,
  default: null,
});
const legs: LabelAttribute = { id: 12, name: "legs", kind: "number", choices: [], default: 4 };
const labels = [
  label(1, "cat", [colour(11, ["red", "blue"]), legs]),
  label(2, "dog", [colour(21, ["red", "green"])]),
];
const a = boxMask("a", [0, 0, 2, 2], { attributes: { 11: "red", 12: 3 } });
const b = boxMask("b", [0, 0, 3, 3], { attributes: { 11: "blue", 12: 4 } });
const state = stateOf(a, b, boxMask("c", [0, 0, 4, 4], { labelId: 2 }));

describe("what is done to several masks", () => {
  it("relabels them and takes along what still fits", () => {
    const now = masksRelabelled(state, ["a", "b", "c"], 2, labels);
    expect(now.masks.get("a")).toMatchObject({ labelId: 2, attributes: { 21: "red" } });
    expect(now.masks.get("b")).toMatchObject({ labelId: 2, attributes: {} });
    expect(now.masks.get("c")).toBe(state.masks.get("c"));
    expect([...now.masks.keys()]).toEqual(["a", "b", "c"]);
    expect(changesBetween(state, now)!.masks.map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("takes the label away, and does nothing when there is nothing to do", () => {
    expect(masksRelabelled(state, ["a"], null, labels).masks.get("a")).toMatchObject({
      labelId: null,
      attributes: {},
    });
    expect(masksRelabelled(state, ["c"], 2, labels)).toBe(state);
    expect(masksDescribed(state, ["a"], 11, "red")).toBe(state);
    expect(masksDeleted(state, ["nobody"])).toBe(state);
  });

  it("says the same of all", () => {
    const now = masksDescribed(state, ["a", "b"], 11, null);
    expect([...now.masks.values()].map((mask) => mask.attributes)).toEqual([
      { 11: null, 12: 3 },
      { 11: null, 12: 4 },
      {},
    ]);
  });

  it("deletes them, and with them their place in the selection", () => {
    const now = masksDeleted(masksSelected(state, ["b", "a", "c"]), ["b", "c"]);
    expect([...now.masks.keys()]).toEqual(["a"]);
    expect(selectedIds(now)).toEqual(["a"]);
  });

  it("leaves locked masks alone", () => {
    const locked = masksLocked(state, ["a"], true);
    expect([...masksDeleted(locked, ["a", "b"]).masks.keys()]).toEqual(["a", "c"]);
    expect(masksRelabelled(locked, ["a"], 2, labels)).toBe(locked);
    expect(masksDescribed(locked, ["a"], 12, 0)).toBe(locked);
  });
});

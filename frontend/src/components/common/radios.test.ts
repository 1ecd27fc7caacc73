import { describe, expect, it } from "vitest";
import { radioAfter, radioTabIndex } from "./radios";

describe("the keys of a group of radios", () => {
  it("lead to the next and the one before, round and round", () => {
    expect(["ArrowRight", "ArrowDown"].map((key) => radioAfter(key, 2, 3))).toEqual([0, 0]);
    expect(["ArrowLeft", "ArrowUp"].map((key) => radioAfter(key, 0, 3))).toEqual([2, 2]);
    expect(radioAfter("ArrowRight", 0, 3)).toBe(1);
  });

  it("are the arrows alone", () => {
    expect(["Home", "Enter", "a"].map((key) => radioAfter(key, 0, 3))).toEqual([null, null, null]);
    expect(radioAfter("ArrowRight", 0, 0)).toBeNull();
  });

  it("stop at one radio with Tab, the first where none is chosen", () => {
    expect([0, 1, 2].map((index) => radioTabIndex(index, 1))).toEqual([-1, 0, -1]);
    expect([0, 1, 2].map((index) => radioTabIndex(index, -1))).toEqual([0, -1, -1]);
  });
});

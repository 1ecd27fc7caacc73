import { describe, expect, it } from "vitest";
import { sameMask } from "./sameMask";
import { boxMask } from "./testMasks";

const mask = (rest: Parameters<typeof boxMask>[2]) => boxMask("a", [0, 0, 3, 3], rest);

describe("two versions of a mask", () => {
  it("are told apart by label, depth and attributes", () => {
    const one = mask({ labelId: 1, z: 0, attributes: { 1: "x" } });
    expect(sameMask(one, mask({ labelId: null, z: 0, attributes: { 1: "x" } }))).toBe(false);
    expect(sameMask(one, mask({ labelId: 1, z: 1, attributes: { 1: "x" } }))).toBe(false);
    expect(sameMask(one, mask({ labelId: 1, z: 0, attributes: { 1: "y" } }))).toBe(false);
  });

  it("are the same in whatever order attributes were told, and whoever made them", () => {
    const one = mask({ attributes: { one: 1, two: null }, author: "ada" });
    expect(sameMask(one, mask({ attributes: { two: null, one: 1 }, author: "bob" }))).toBe(true);
  });
});

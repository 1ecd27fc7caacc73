import { describe, expect, it } from "vitest";
import type { FairnessGroup, FairnessGroups } from "../../api/fairness";
import type { Label } from "../../api/types";
import { axisOf, differenceText, groupingsOf, groupRows, intervalText, pairsText } from "./groupRows";

const group = (key: string, mean: number, reach: number | null): FairnessGroup => ({
  key,
  name: key,
  color: null,
  masks: 40,
  images: 8,
  miou: { mean, low: reach === null ? null : mean - reach, high: reach === null ? null : mean + reach },
  difference: null,
  is_small: reach === null,
});

const answer = (groups: FairnessGroup[], pairs: number, differing: number): FairnessGroups => ({
  by: "tag",
  clicks: 1,
  masks: 80,
  overall: null,
  groups,
  warnings: [],
  pairs,
  differing,
  masks_gone: 0,
  masks_changed: 0,
});

describe("rows of groups", () => {
  it("joins what is known after one click and after three by the group", () => {
    const one = answer([group("a", 0.5, 0.02), group("b", 0.6, null)], 1, 0);
    const three = answer([group("a", 0.9, 0.01), group("b", 0.8, null)], 1, 0);
    const rows = groupRows(one, three);
    expect(rows.map(({ key, isSmall }) => [key, isSmall])).toEqual([
      ["a", false],
      ["b", true],
    ]);
    expect(rows.map(({ one: first, three: last }) => [first.miou.mean, last.miou.mean])).toEqual([
      [0.5, 0.9],
      [0.6, 0.8],
    ]);
  });

  it("writes means as the paper does", () => {
    expect(intervalText({ mean: 0.5444, low: 0.5274, high: 0.5614 })).toBe("54.4 ± 1.7");
    expect(intervalText({ mean: 0.5444, low: null, high: null })).toBe("54.4");
    expect(differenceText({ mean: 0.031, low: 0.019, high: 0.043 })).toBe("+3.1 ± 1.2");
    expect(differenceText({ mean: -0.031, low: -0.043, high: -0.019 })).toBe("−3.1 ± 1.2");
    expect(differenceText(null)).toBe("–");
  });

  it("has room for every interval on the axis", () => {
    const rows = (low: number, high: number) =>
      groupRows(answer([group("a", low, null)], 0, 0), answer([group("a", high, 0.02)], 0, 0));
    expect(axisOf(rows(0.43, 0.87))).toEqual({ from: 0.4, to: 0.9 });
    expect(axisOf(rows(0.02, 0.99))).toEqual({ from: 0, to: 1 });
    expect(axisOf([])).toEqual({ from: 0, to: 1 });
    const still = groupRows(answer([group("a", 0.5, null)], 0, 0), answer([group("a", 0.5, null)], 0, 0));
    expect(axisOf(still)).toEqual({ from: 0.4, to: 0.6 });
  });

  it("groups by tags, labels and attributes with a few values", () => {
    const label = {
      name: "cat",
      attributes: [
        { id: 4, name: "size", kind: "select" },
        { id: 5, name: "weight", kind: "number" },
        { id: 6, name: "asleep", kind: "checkbox" },
      ],
    } as unknown as Label;
    expect(groupingsOf([label]).map(({ by, name }) => `${by} ${name}`)).toEqual([
      "tag Image tag",
      "label Label",
      "attribute:4 cat: size",
      "attribute:6 cat: asleep",
    ]);
  });

  it("says how many pairs were looked at", () => {
    expect(pairsText(answer([], 3, 1), answer([], 3, 0))).toContain("compared 6 times; in 1 of these");
    expect(pairsText(answer([], 0, 0), answer([], 0, 0))).toContain("No two groups are large enough");
  });
});

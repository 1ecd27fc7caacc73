import { describe, expect, it } from "vitest";
import { labelName, objectRows, readQuery, unknownLabelIds, withTerm } from "./objectList";
import { boxMask, label, stateOf } from "./testMasks";

const labels = [label(1, "Cat"), label(2, "Traffic light")];
const { masks } = stateOf(
  boxMask("aa", [0, 0, 2, 2], { author: "Ada", predictedIou: 0.9 }),
  boxMask("bb", [0, 0, 5, 5], { labelId: 2, author: "Bob", attributes: { 7: "Broken glass" } }),
  boxMask("cc", [0, 0, 3, 3], { labelId: null, author: "Ada", predictedIou: 0.5, z: 1 }),
);
const found = (search: string) => objectRows(masks, labels, search, "made").map((row) => row.mask.id);

describe("the object list", () => {
  it("finds by label, author, attribute and id, all at once", () => {
    expect(found("")).toEqual(["aa", "bb", "cc"]);
    expect(found("traffic")).toEqual(["bb"]);
    expect(found("GLASS")).toEqual(["bb"]);
    expect(found("author:ada")).toEqual(["aa", "cc"]);
    expect(found("author:ada label:cat")).toEqual(["aa"]);
    expect(found("label:cat label:none")).toEqual(["aa", "cc"]);
    expect(found('label:"traffic light" bob')).toEqual(["bb"]);
    expect(found("ada bob")).toEqual([]);
    expect(found("cc")).toEqual(["cc"]);
  });

  it("tells a label it does not know yet from none", () => {
    const [row] = objectRows(stateOf(boxMask("dd", [0, 0, 2, 2], { labelId: 9 })).masks, labels, "", "made");
    expect(labelName(row!)).toBe("Unknown label");
    expect(labelName(objectRows(masks, labels, "cc", "made")[0]!)).toBe("No label");
    const all = new Map([...masks, ["dd", row!.mask]]);
    expect(objectRows(all, labels, "label:none", "made").map(({ mask }) => mask.id)).toEqual(["cc"]);
    expect(unknownLabelIds(all, labels)).toEqual([9]);
    expect(unknownLabelIds(masks, labels)).toEqual([]);
  });

  it("does not fall over a search that is being typed", () => {
    expect(readQuery('label: author:"x')).toEqual({ words: ["label:"], labels: [], authors: ["x"] });
    expect(readQuery('"')).toEqual({ words: [], labels: [], authors: [] });
  });

  it("adds terms once", () => {
    expect(withTerm("", "label", "cat")).toBe("label:cat ");
    expect(withTerm("big label:cat", "label", "cat")).toBe("big label:cat");
    expect(withTerm("big", "label", "traffic light")).toBe('big label:"traffic light" ');
  });

  it("sorts and keeps the numbers", () => {
    const order = (sorting: Parameters<typeof objectRows>[3]) =>
      objectRows(masks, labels, "", sorting).map((row) => row.number);
    expect(order("depth")).toEqual([3, 1, 2]);
    expect(order("label")).toEqual([3, 1, 2]);
    expect(order("area")).toEqual([2, 3, 1]);
    expect(order("iou")).toEqual([3, 1, 2]);
  });
});

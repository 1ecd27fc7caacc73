import { describe, expect, it } from "vitest";
import type { Label, LabelAttribute } from "../api/types";
import { attributesFor, defaultsOf, sharedValue, valueOf } from "./attributes";
import { boxMask } from "./testMasks";

const text = (id: number, name = "note"): LabelAttribute => ({
  id,
  name,
  kind: "text",
  choices: [],
  default: "none",
});

describe("attributes", () => {
  it("have the default until something is said, null included", () => {
    expect(valueOf({}, text(1))).toBe("none");
    expect(valueOf({ 1: null }, text(1))).toBeNull();
    expect(valueOf({ 1: "" }, text(1))).toBe("");
  });

  it("are shared when all say the same", () => {
    const said = (value: string) => boxMask("a", [0, 0, 1, 1], { attributes: { 1: value } });
    const silent = boxMask("a", [0, 0, 1, 1]);
    expect(sharedValue([said("x"), said("x")], text(1))).toBe("x");
    expect(sharedValue([said("none"), silent], text(1))).toBe("none");
    expect(sharedValue([said("x"), silent], text(1))).toBeUndefined();
    expect(sharedValue([], text(1))).toBeUndefined();
  });

  it("follow to another label by name and kind only", () => {
    const number: LabelAttribute = { ...text(3), kind: "number" };
    expect(attributesFor({ 1: "x" }, [text(1)], [text(2)])).toEqual({ 2: "x" });
    expect(attributesFor({ 1: "x" }, [text(1)], [number, text(4, "other")])).toEqual({
      3: "none",
      4: "none",
    });
  });

  it("begin as the label's defaults", () => {
    const label = { id: 7, name: "cat", attributes: [text(1), text(2)] } as unknown as Label;
    expect(defaultsOf([label], 7)).toEqual({ 1: "none", 2: "none" });
    expect(defaultsOf([label], null)).toEqual({});
  });
});

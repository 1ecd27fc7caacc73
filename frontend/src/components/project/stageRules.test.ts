import { describe, expect, it } from "vitest";
import { NO_RULES, orderText, PAPERS_RULES, rulesTexts } from "./stageRules";

describe("the first stage's rules", () => {
  it("are told as far as they hold", () => {
    expect(rulesTexts(NO_RULES)).toEqual([]);
    expect(rulesTexts(PAPERS_RULES)).toEqual([
      "no labels",
      "a hint after 30 s at one mask",
      "the most prominent things first",
    ]);
    expect(rulesTexts({ ...NO_RULES, mask_seconds_hint: 45 })).toEqual(["a hint after 45 s at one mask"]);
    expect(orderText(NO_RULES)).toBe(null);
    expect(orderText(PAPERS_RULES)).toContain("most prominent");
  });
});

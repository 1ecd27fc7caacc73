import { describe, expect, it } from "vitest";
import { appliedText, correctionsText, intervalText } from "./checkTexts";

describe("checkTexts", () => {
  it("tells a share with its interval", () => {
    expect(intervalText({ share: 0.94, low: 0.8752, high: 0.9722 })).toBe("94.0 % (87.5 to 97.2)");
  });

  it("tells corrections there were, and no others", () => {
    expect(correctionsText({ redrawn: 1200, relabelled: 0, deleted: 1, added: 0 })).toBe(
      "1,200 redrawn, 1 deleted",
    );
    expect(correctionsText({ redrawn: 0, relabelled: 0, deleted: 0, added: 0 })).toBe("nothing corrected");
  });

  it("says what was refused", () => {
    expect(appliedText({ applied_count: 1, refused_count: 0 })).toBe("1 correction taken over.");
    expect(appliedText({ applied_count: 2, refused_count: 1 })).toBe(
      "2 corrections taken over, 1 not: the mask was changed meanwhile.",
    );
  });
});

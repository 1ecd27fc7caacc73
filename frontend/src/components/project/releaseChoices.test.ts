import { describe, expect, it } from "vitest";
import { firstChoices, rangeText, releaseOf, releaseParams, releaseProblem } from "./releaseChoices";

const first = firstChoices({ name: "Street cats", licence_note: "CC0" });

describe("releaseChoices", () => {
  it("releases accepted images at SA-1B's size", () => {
    expect(releaseParams(first)).toEqual({
      name: "Street cats",
      description: "",
      licence: "CC0",
      short_side: 1500,
      statuses: ["accepted"],
    });
    expect(releaseProblem(first)).toBe("");
  });

  it("sends a seed and a check where they are wanted", () => {
    const wanted = { ...first, hasSeed: true, seed: 7, check: 3, shortSide: null };
    expect(releaseParams(wanted)).toMatchObject({ seed: 7, check: 3, short_side: null });
  });

  it("says what is missing", () => {
    expect(releaseProblem({ ...first, name: "  " })).toBe("A release has a name.");
    expect(releaseProblem({ ...first, statuses: [] })).toBe("Choose which images.");
    expect(releaseProblem({ ...first, shortSide: 4 })).toBe("The short side has at least 32 pixels.");
  });

  it("reads the figures of a finished job, and of no other", () => {
    const card = { masks_per_image: { mean: 1, median: 1, histogram: [] }, quality_check: null };
    expect(releaseOf({ result: { images: 2, masks: 2, card } })?.card.masks_per_image.mean).toBe(1);
    expect(releaseOf({ result: null })).toBeNull();
    expect(releaseOf({ result: { images: 2, masks: 2 } })).toBeNull();
  });

  it("names ranges", () => {
    expect(
      [
        { from: 0, to: 0 },
        { from: 1, to: 10 },
        { from: 201, to: null },
      ].map(rangeText),
    ).toEqual(["0", "1–10", "> 200"]);
  });
});

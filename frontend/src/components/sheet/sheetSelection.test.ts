import { describe, expect, it } from "vitest";
import { chosenIds, moved, movedTo, NOTHING_SELECTED, toggledAt } from "./sheetSelection";

const stretch = { ids: ["c", "d", "e", "f"], offset: 2 };
const start = movedTo(NOTHING_SELECTED, stretch, 2, false);
const ids = ({ ids }: { readonly ids: ReadonlySet<string> }) => [...ids];

describe("the selection on the contact sheet", () => {
  it("goes no further than what is loaded", () => {
    expect(moved(start, stretch, -5, false).at).toBe(2);
    expect(moved(start, stretch, 50, false).at).toBe(5);
    expect(moved(start, { ids: [], offset: 0 }, 1, false)).toBe(start);
  });

  it("extends from where it began, in both directions", () => {
    const there = moved(moved(start, stretch, 1, false), stretch, 2, true);
    expect(ids(there)).toEqual(["d", "e", "f"]);
    expect(ids(moved(there, stretch, -3, true))).toEqual(["c", "d"]);
    expect(ids(moved(there, stretch, 0, false))).toEqual([]);
  });

  it("keeps of a range what is still loaded, once its beginning is not", () => {
    const before = { at: 0, anchor: 0, ids: new Set<string>() };
    expect(ids(movedTo(before, stretch, 3, true))).toEqual(["c", "d"]);
  });

  it("adds and takes out one by one", () => {
    const two = toggledAt(toggledAt(start, stretch, 3), stretch, 5);
    expect(ids(two)).toEqual(["d", "f"]);
    expect(ids(toggledAt(two, stretch, 3))).toEqual(["f"]);
    expect(toggledAt(two, stretch, 9)).toBe(two);
  });

  it("is what a decision is about, or where one is", () => {
    expect(chosenIds(start, stretch)).toEqual(["c"]);
    expect(chosenIds(toggledAt(start, stretch, 4), stretch)).toEqual(["e"]);
    expect(chosenIds(NOTHING_SELECTED, stretch)).toEqual([]);
  });
});

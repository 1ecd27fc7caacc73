import { describe, expect, it } from "vitest";
import { maskReplaced } from "./actions";
import { changesBetween } from "./history";
import { masksLocked } from "./selection";
import { boxMask, stateOf } from "./testMasks";
import {
  isShown,
  masksHidden,
  readStoredViews,
  soloToggled,
  storedViewOf,
  viewRestored,
  withStoredView,
  type StoredViews,
} from "./visibility";

const state = stateOf(boxMask("a", [0, 0, 1, 1]), boxMask("b", [0, 0, 1, 1]), boxMask("c", [0, 0, 1, 1]));
const shown = (now: typeof state) => [...now.masks.keys()].filter((id) => isShown(now, id));

describe("what is shown", () => {
  it("is all but the hidden masks", () => {
    const hidden = masksHidden(state, ["a", "b"], true);
    expect(shown(hidden)).toEqual(["c"]);
    expect(shown(masksHidden(hidden, ["b"], false))).toEqual(["b", "c"]);
  });

  it("is a few alone, with masks made meanwhile, then what was shown before", () => {
    const before = masksHidden(state, ["b"], true);
    const solo = soloToggled(before, ["a"]);
    expect(shown(solo)).toEqual(["a"]);
    const more = maskReplaced(solo, "new", boxMask("new", [0, 0, 1, 1]));
    expect(shown(more)).toEqual(["a", "new"]);
    expect(shown(soloToggled(more, ["c"]))).toEqual(["a", "c", "new"]);
    expect(soloToggled(state, []).soloHiddenIds.size).toBe(0);
  });

  it("is no change of data, and is remembered without masks that are gone", () => {
    const now = masksLocked(masksHidden(state, ["a", "b"], true), ["b", "c"], true);
    expect(changesBetween(state, now)).toBeNull();
    const stored = storedViewOf(maskReplaced(now, "b", null));
    expect(stored).toEqual({ hidden: ["a"], locked: ["c"] });
    const [entry] = readStoredViews(JSON.parse(JSON.stringify(withStoredView([], 7, stored))));
    expect(entry![0]).toBe(7);
    const restored = viewRestored(state, entry![1]);
    expect([restored.hiddenIds, restored.lockedIds]).toEqual([new Set(["a"]), new Set(["c"])]);
  });

  it("survives a broken memory", () => {
    for (const broken of [null, 3, "x", [], { hidden: "a" }, [["7", {}]]]) {
      expect(readStoredViews(broken)).toEqual([]);
    }
    const nothing = { hidden: [], locked: [] };
    expect(readStoredViews([[7, { hidden: "a", locked: [1, null] }], [8]])).toEqual([
      [7, nothing],
      [8, nothing],
    ]);
  });

  it("is remembered for the images visited last, and not where there is nothing to remember", () => {
    let views: StoredViews = [];
    for (let id = 1; id <= 300; id++) views = withStoredView(views, id, { hidden: ["a"], locked: [] });
    expect([views.length, views[0]![0], views.at(-1)![0]]).toEqual([200, 101, 300]);
    expect(withStoredView(views, 300, { hidden: [], locked: [] })).toHaveLength(199);
  });
});

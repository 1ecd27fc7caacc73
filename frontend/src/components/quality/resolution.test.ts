import { describe, expect, it } from "vitest";
import type { ConsensusImageDetail } from "../../api/types";
import { drawerColor, mergeChoice, pickChoice, resolveOf, withToggled } from "./resolution";

const segmentation = { size: [2, 2], counts: "04" };
const image = {
  groups: [
    { key: "a", masks: ["a", "b"], mean_iou: 0.9, is_kept: true, label: 1, segmentation },
    { key: "c", masks: ["c"], mean_iou: null, is_kept: false, label: 1, segmentation },
    // Half drew it, and no pixel has a majority.
    { key: "d", masks: ["d", "e"], mean_iou: 0.5, is_kept: true, label: 1, segmentation: null },
  ],
} as unknown as ConsensusImageDetail;

describe("what an image is resolved to", () => {
  it("merges what at least half drew and what has a pixel", () => {
    expect(resolveOf(mergeChoice(image), false)).toEqual({ way: "merge", objects: ["a"], accept: false });
  });

  it("picks all of one person's masks, and leaves single ones out", () => {
    const drawer = { annotator: { id: 7 }, masks: [{ id: "x" }, { id: "y" }] } as never;
    const choice = withToggled(pickChoice(drawer), "x");
    expect(resolveOf(choice, true)).toEqual({ way: "pick", annotator: 7, objects: ["y"], accept: true });
    expect(withToggled(choice, "x").objects).toEqual(new Set(["y", "x"]));
  });

  it("gives the first eight annotators colours of their own", () => {
    expect(new Set(Array.from({ length: 8 }, (_, place) => drawerColor(place))).size).toBe(8);
  });
});

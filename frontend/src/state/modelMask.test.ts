import { describe, expect, it } from "vitest";
import { imagePoint } from "../geometry/points";
import { rectangleMask } from "../masks/shapes";
import { fromCoco } from "../masks/rleString";
import { rleArea } from "../masks/rle";
import * as actions from "./actions";
import type { AnnotationState } from "./annotation";
import { maskEdited } from "./editing";
import { refinementBegun } from "./refinement";
import { ACCEPTANCE, boxMask, decodedMask, SIZE, stateOf } from "./testMasks";

const rectangle = (x0: number, y0: number, x1: number, y1: number) => rectangleMask({ x0, y0, x1, y1 }, SIZE);
const click = { points: [{ point: imagePoint(2, 2), label: 1 as const }], box: null };

const decoded = (state: AnnotationState) =>
  actions.draftDecoded(state, click, [decodedMask(rectangle(0, 0, 4, 4))]);

/** How many pixels the model is said to have given; null where nothing is said. */
function given(state: AnnotationState, id: string): number | null {
  const segmentation = state.masks.get(id)!.modelSegmentation;
  return segmentation && rleArea(fromCoco(segmentation));
}

describe("what the model gave", () => {
  it("goes without saying for a mask taken as it came", () => {
    expect(given(actions.draftAccepted(decoded(stateOf()), ACCEPTANCE), "new")).toBeNull();
  });

  it("is told with a mask that was drawn in before it was accepted, however often", () => {
    let state = maskEdited(decoded(stateOf()), rectangle(0, 0, 5, 5), "brush");
    state = maskEdited(state, rectangle(0, 0, 6, 6), "brush");
    state = actions.draftAccepted(state, ACCEPTANCE);
    expect(given(state, "new")).toBe(16);
    expect(state.masks.get("new")!.mask.area).toBe(36);
  });

  it("is told with a mask that left pixels to others", () => {
    const state = actions.draftAccepted(decoded(stateOf(boxMask("a", [2, 0, 6, 6]))), {
      ...ACCEPTANCE,
      yields: true,
    });
    expect(state.masks.get("new")!.mask.area).toBe(8);
    expect(given(state, "new")).toBe(16);
  });

  it("is not made up for what no model made", () => {
    const drawn = maskEdited(stateOf(), rectangle(1, 1, 4, 4), "brush");
    expect(given(actions.draftAccepted(drawn, ACCEPTANCE), "new")).toBeNull();
  });

  it("stays what it was for a saved mask that is drawn in, and is new after a click", () => {
    const told = { size: [20, 20] as [number, number], counts: "abc" };
    const rest = {
      model: "tiny@1",
      prompts: { points: [[1, 1, 1]] as [number, number, 1][], box: null, candidate: 1 },
    };
    const saved = stateOf(boxMask("a", [0, 0, 3, 3], { ...rest, modelSegmentation: told }));
    const drawn = maskEdited(refinementBegun(saved, "a"), rectangle(0, 0, 3, 4), "brush");
    expect(actions.draftAccepted(drawn, ACCEPTANCE).masks.get("a")!.modelSegmentation).toBe(told);
    const clicked = decoded(refinementBegun(saved, "a"));
    expect(given(actions.draftAccepted(clicked, ACCEPTANCE), "a")).toBeNull();
    const both = maskEdited(clicked, rectangle(0, 0, 5, 4), "brush");
    expect(given(actions.draftAccepted(both, ACCEPTANCE), "a")).toBe(16);
  });
});

import { describe, expect, it } from "vitest";
import { imagePoint } from "../geometry/points";
import { indexMask } from "../masks/columns";
import { rectangleMask } from "../masks/shapes";
import { initialState } from "./annotation";
import * as proposals from "./proposals";
import { AnnotationStore } from "./store";

const size = { height: 40, width: 40 };
const terms = { labelId: 4, model: "tiny@1", secondsSpent: 3, author: "ada", yields: false };
const start = initialState(size, []);

function proposal(id: string, score: number, [x0, y0, x1, y1]: readonly [number, number, number, number]) {
  const mask = indexMask(rectangleMask({ x0, y0, x1, y1 }, size));
  const candidate = { candidate: 2, predictedIou: score, stabilityScore: 0.9, lowRes: null, mask };
  return { id, point: imagePoint(x0, y0), candidate };
}

const left = proposal("left", 0.9, [0, 0, 10, 10]);
const right = proposal("right", 0.8, [20, 0, 30, 10]);
const around = proposal("around", 0.7, [0, 0, 40, 40]);
const weak = proposal("weak", 0.2, [0, 20, 10, 30]);
const all = proposals.proposalsFound(start, [left, right, around, weak]);
const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id);

describe("what the decoder found by itself", () => {
  it("keeps the better of two that are the same thing, in whichever order they come", () => {
    const double = proposal("double", 0.85, [0, 0, 10, 9]);
    expect(ids(proposals.openProposals(proposals.proposalsFound(start, [double, left])))).toEqual(["left"]);
    expect(ids(proposals.openProposals(proposals.proposalsFound(start, [left, double])))).toEqual(["left"]);
  });

  it("does not hold what is saved already", () => {
    const saved = proposals.proposalsAccepted(all, [left], terms);
    const again = proposals.proposalsFound(proposals.proposalsDismissed(saved), [left, right]);
    expect(ids(proposals.openProposals(again))).toEqual(["right"]);
  });

  it("shows what comes near the best, or what a person's floor lets through", () => {
    expect(ids(proposals.openProposals(all))).toEqual(["left", "right", "around"]);
    expect(ids(proposals.openProposals(proposals.proposalFloorSet(all, 0.1)))).toContain("weak");
    expect(ids(proposals.openProposals(proposals.proposalFloorSet(all, 0.85)))).toEqual(["left"]);
  });

  it("finds the smallest at a pixel, and none that is not shown", () => {
    expect(proposals.proposalAt(all, 5, 5)!.id).toBe("left");
    expect(proposals.proposalAt(all, 5, 25)!.id).toBe("around");
    expect(proposals.proposalAt(start, 5, 5)).toBeNull();
  });
});

describe("accepting proposals", () => {
  it("makes masks of them with the click that found them", () => {
    const { masks } = proposals.proposalsAccepted(all, [right], terms);
    const { prompts, model, predictedIou, labelId, stage } = masks.get("right")!;
    expect([prompts, model, predictedIou, labelId, stage]).toEqual([
      { points: [[20, 0, 1]], box: null, candidate: 2 }, "tiny@1", 0.8, 4, "assisted_manual",
    ]); // prettier-ignore
  });

  it("lets large ones yield to small ones where masks yield", () => {
    const chosen = [around, left, right];
    const { masks } = proposals.proposalsAccepted(all, chosen, { ...terms, yields: true });
    expect(masks.get("around")!.mask.area).toBe(1600 - 200);
    expect(masks.get("around")!.predictedIou).toBeNull();
    expect(masks.get("left")!.mask.area).toBe(100);
  });

  it("is one step to undo, after which they are proposals again", () => {
    const store = new AnnotationStore(all, () => undefined);
    store.apply((state) => proposals.proposalsAccepted(state, proposals.openProposals(state), terms));
    expect(store.getState().masks.size).toBe(3);
    expect(proposals.openProposals(store.getState())).toEqual([]);
    store.undo();
    expect(store.getState().masks.size).toBe(0);
    expect(proposals.openProposals(store.getState())).toHaveLength(3);
  });

  it("is not the only way: one can be dropped, and all be dismissed", () => {
    expect(ids(proposals.openProposals(proposals.proposalDropped(all, "left")))).toEqual(["right", "around"]);
    expect(proposals.openProposals(proposals.proposalsDismissed(all))).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { imagePoint } from "../geometry/points";
import { indexMask } from "../masks/columns";
import { toCoco } from "../masks/rleString";
import { rectangleMask } from "../masks/shapes";
import { initialState } from "./annotation";
import * as proposals from "./proposals";
import { AnnotationStore } from "./store";

const size = { height: 40, width: 40 };
const terms = { labelId: 4, attributes: {}, model: "tiny@1", secondsSpent: 3, author: "ada", yields: false };
const start = initialState(size, []);

function proposal(id: string, score: number, [x0, y0, x1, y1]: readonly [number, number, number, number]) {
  const mask = indexMask(rectangleMask({ x0, y0, x1, y1 }, size));
  const candidate = { candidate: 2, predictedIou: score, stabilityScore: 0.9, lowRes: null, mask };
  return { id, point: imagePoint(x0, y0), candidate, run: null };
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
    const saved = proposals.proposalsAccepted(all, [left], () => terms);
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
    const { masks } = proposals.proposalsAccepted(all, [right], () => terms);
    const { prompts, model, predictedIou, labelId, stage } = masks.get("right")!;
    expect([prompts, model, predictedIou, labelId, stage]).toEqual([
      { points: [[20, 0, 1]], box: null, candidate: 2 }, "tiny@1", 0.8, 4, "assisted_manual",
    ]); // prettier-ignore
  });

  it("lets large ones yield to small ones where masks yield", () => {
    const chosen = [around, left, right];
    const { masks } = proposals.proposalsAccepted(all, chosen, () => ({ ...terms, yields: true }));
    expect(masks.get("around")!.mask.area).toBe(1600 - 200);
    expect(masks.get("around")!.predictedIou).toBeNull();
    expect(masks.get("left")!.mask.area).toBe(100);
  });

  it("is one step to undo, after which they are proposals again", () => {
    const store = new AnnotationStore(all, () => undefined);
    store.apply((state) => proposals.proposalsAccepted(state, proposals.openProposals(state), () => terms));
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

describe("what runs found", () => {
  const run = { stage: "semi_automatic", labelId: 9 } as const;
  const ofRun = (one: typeof left) => ({
    ...one,
    run,
    candidate: { ...one.candidate, model: "vit_h@2" },
  });
  const [first, second] = [ofRun(left), ofRun({ ...weak, id: "second" })];
  const none = new Set<string>();
  const loaded = proposals.runProposalsLoaded(start, [second, first], none);
  const after = (store: AnnotationStore) => ids(proposals.openProposals(store.getState()));

  it("is shown whole, the most confident first, until a person sets a floor", () => {
    expect(ids(proposals.openProposals(loaded))).toEqual(["left", "second"]);
    expect(proposals.proposalFloor(loaded)).toBe(0.2);
    expect(ids(proposals.openProposals(proposals.proposalFloorSet(loaded, 0.5)))).toEqual(["left"]);
  });

  it("stays when a search is dismissed, and wins over what the search finds of the same", () => {
    const double = proposal("double", 0.99, [0, 0, 10, 10]);
    const both = proposals.proposalsFound(loaded, [double, right]);
    expect(ids(proposals.openProposals(both))).toEqual(["left", "right", "second"]);
    expect(ids(proposals.openProposals(proposals.proposalsDismissed(both)))).toEqual(["left", "second"]);
    const late = proposals.proposalsFound(proposals.proposalsFound(start, [double]), [first]);
    expect(ids(proposals.openProposals(late))).toEqual(["left"]);
  });

  it("is accepted with the run's stage and model", () => {
    const { masks } = proposals.proposalsAccepted(loaded, [first], () => terms);
    expect(masks.get("left")).toMatchObject({ stage: "semi_automatic", model: "vit_h@2", predictedIou: 0.9 });
  });

  it("is rejected in one step, which is undone and done again", () => {
    const told: unknown[] = [];
    const store = new AnnotationStore(loaded, ({ rejections }, way) => told.push([way, rejections]));
    store.apply((state) => proposals.proposalsRejected(state, ["left", "second"]));
    expect(after(store)).toEqual([]);
    expect(proposals.hasUndecided(store.getState())).toBe(false);
    store.undo();
    expect(after(store)).toEqual(["left", "second"]);
    store.redo();
    expect(after(store)).toEqual([]);
    const both = (isRejected: boolean) => ["left", "second"].map((id) => ({ id, after: isRejected }));
    expect(told).toEqual([["gesture", both(true)], ["undo", both(false)], ["redo", both(true)]]); // prettier-ignore
  });

  it("does not become a proposal again when its mask is deleted, but when that is undone to before it was accepted", () => {
    const store = new AnnotationStore(loaded, () => undefined);
    store.apply((state) => proposals.proposalsAccepted(state, [first], () => terms));
    store.apply((state) => ({ ...state, masks: new Map() }));
    expect(after(store)).toEqual(["second"]);
    store.undo();
    expect(after(store)).toEqual(["second"]);
    store.undo();
    expect(after(store)).toEqual(["left", "second"]);
  });

  it("is not changed by who may only look", () => {
    const store = new AnnotationStore(loaded, () => undefined);
    store.refuseChanges(() => undefined);
    store.apply((state) => proposals.proposalsRejected(state, ["left"]));
    expect(after(store)).toEqual(["left", "second"]);
  });

  it("is as the server says when it is read again, but for what it has not heard of", () => {
    const rejected = proposals.proposalsRejected(loaded, ["left", "second"]);
    const again = proposals.runProposalsLoaded(rejected, [first, second], new Set(["second"]));
    expect(ids(proposals.openProposals(again))).toEqual(["left"]);
    const gone = proposals.runProposalsLoaded(loaded, [first], none);
    expect(ids(proposals.openProposals(gone))).toEqual(["left"]);
  });

  it("is walked through from the most confident on, and no further than the last", () => {
    const step = (id: string | null, by: 1 | -1) => proposals.proposalAfter(loaded, id, by)?.id;
    expect([step(null, 1), step("left", 1), step("second", 1)]).toEqual(["left", "second", undefined]);
    expect([step(null, -1), step("second", -1), step("left", -1)]).toEqual(["second", "left", undefined]);
  });
});

it("a mask that comes back as its model gave it is told to be that", () => {
  const told: unknown[] = [];
  const store = new AnnotationStore(all, ({ masks }) => told.push(masks[0]!.after?.modelSegmentation));
  store.apply((state) => proposals.proposalsAccepted(state, [left], () => terms));
  store.undo();
  store.redo();
  expect(told).toEqual([null, undefined, toCoco(left.candidate.mask.rle)]);
});

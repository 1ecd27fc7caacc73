import { describe, expect, it } from "vitest";
import { imagePoint } from "../geometry/points";
import { indexMask } from "../masks/columns";
import type { Rle } from "../masks/rle";
import { rectangleMask } from "../masks/shapes";
import { NO_PROMPTS, type PromptRecord, type Prompts } from "../sam/prompts";
import * as actions from "./actions";
import { initialState, type SavedMask } from "./annotation";
import { maskEdited } from "./editing";
import {
  alternativesFound,
  candidateToChoose,
  maskPromptBase,
  nearestCandidate,
  promptsCleared,
  refinementBegun,
} from "./refinement";
import { masksDeleted } from "./objects";
import { maskSelected, masksLocked } from "./selection";
import { ACCEPTANCE, decodedMask, savedMask } from "./testMasks";

const size = { height: 12, width: 16 };
const rectangle = (x0: number, y0: number, x1: number, y1: number) => rectangleMask({ x0, y0, x1, y1 }, size);
const NONE: PromptRecord = { points: [], box: null, candidate: 0 };

function saved(
  id: string,
  rle: Rle,
  prompts: PromptRecord = { points: [[1, 1, 1]], box: null, candidate: 1 },
): SavedMask {
  const isDecoded = prompts.points.length > 0;
  return savedMask(id, rle, {
    prompts,
    model: isDecoded ? "tiny@1" : null,
    predictedIou: isDecoded ? 0.9 : null,
    secondsSpent: 2,
  });
}

const click: Prompts = { points: [{ point: imagePoint(2, 2), label: 1 }], box: null };
const twoClicks: Prompts = { ...click, points: [...click.points, { point: imagePoint(5, 5), label: 0 }] };
const start = (...masks: SavedMask[]) => initialState(size, masks);

describe("refining a saved mask", () => {
  it("saves under the same id, with the prompts that corrected it", () => {
    let state = refinementBegun(start(saved("a", rectangle(0, 0, 4, 4))), "a");
    state = actions.draftDecoded(state, click, [decodedMask(rectangle(0, 0, 5, 5), 2)]);
    state = actions.draftAccepted(state, ACCEPTANCE);
    expect([...state.masks.keys()]).toEqual(["a"]);
    const refined = state.masks.get("a")!;
    expect([refined.mask.area, refined.labelId, refined.secondsSpent]).toEqual([25, 1, 5]);
    expect(refined.prompts).toEqual({ points: [[2, 2, 1]], box: null, candidate: 2 });
    expect(state.selectedId).toBe("a");
  });

  it("neither saves nor selects a mask that was locked meanwhile", () => {
    let state = refinementBegun(start(saved("a", rectangle(0, 0, 4, 4))), "a");
    state = actions.draftDecoded(state, click, [decodedMask(rectangle(0, 0, 5, 5), 2)]);
    state = masksLocked(state, ["a"], true);
    expect(actions.isDraftLocked(state)).toBe(true);
    expect(actions.draftAccepted(state, ACCEPTANCE)).toBe(state);
    const cancelled = actions.draftCancelled(state);
    expect(cancelled.draft.candidates).toEqual([]);
    expect(cancelled.selectedId).toBeNull();
    const unlocked = masksLocked(state, ["a"], false);
    expect(actions.draftAccepted(unlocked, ACCEPTANCE).masks.get("a")!.mask.area).toBe(25);
  });

  it("leaves the mask as it was, and selected, when it is given up", () => {
    const before = maskSelected(start(saved("a", rectangle(0, 0, 4, 4))), "a");
    const refining = actions.draftDecoded(refinementBegun(before, "a"), click, [
      decodedMask(rectangle(0, 0, 9, 9)),
    ]);
    const after = actions.draftCancelled(refining);
    expect(after.masks).toEqual(before.masks);
    expect(after.selectedId).toBe("a");
  });

  it("makes a new mask when a colleague deleted it meanwhile", () => {
    let state = refinementBegun(start(saved("a", rectangle(0, 0, 4, 4))), "a");
    state = actions.draftAccepted(masksDeleted(state, ["a"]), ACCEPTANCE);
    expect([...state.masks.keys()]).toEqual(["new"]);
  });

  it("prefers the answer that obeys the click, then the one nearest to the mask", () => {
    const mask = indexMask(rectangle(3, 3, 9, 9));
    const answers = [rectangle(3, 3, 9, 9), rectangle(0, 0, 3, 3), rectangle(2, 2, 9, 9)].map((rle) =>
      decodedMask(rle),
    );
    expect(nearestCandidate(answers, click, mask)).toBe(2);
    const background = { points: [{ point: imagePoint(2, 2), label: 0 as const }], box: null };
    expect(nearestCandidate(answers, background, mask)).toBe(0);
  });
});

describe("prompts that come back", () => {
  const box: PromptRecord = { points: [[3, 4, 0]], box: [1, 2, 9, 8], candidate: 2 };

  it("are those the mask was saved with, its candidate included", () => {
    const { draft } = refinementBegun(start(saved("a", rectangle(0, 0, 4, 4), box)), "a");
    expect(draft.prompts).toEqual({
      points: [{ point: imagePoint(3, 4), label: 0 }],
      box: { x0: 1, y0: 2, x1: 9, y1: 8 },
    });
    expect(draft.candidates.map(({ candidate }) => candidate)).toEqual([2]);
  });

  it("save nothing new when nothing was changed", () => {
    const before = start(saved("a", rectangle(0, 0, 4, 4), box));
    const after = actions.draftAccepted(refinementBegun(before, "a"), ACCEPTANCE);
    expect(after.masks).toBe(before.masks);
    expect(after.selectedId).toBe("a");
  });

  it("bring the decoder's other answers along, the saved mask first and once", () => {
    const state = refinementBegun(start(saved("a", rectangle(0, 0, 4, 4))), "a");
    const same = decodedMask(rectangle(0, 0, 4, 4), 1);
    const other = decodedMask(rectangle(0, 0, 9, 9), 2);
    const { candidates } = alternativesFound(state, state.draft, [other, same]).draft;
    expect(candidates.map(({ mask }) => mask.area)).toEqual([16, 81]);
    expect(candidates[0]!.lowRes).toBe(same.lowRes);
    const moved = maskEdited(state, rectangle(0, 0, 5, 5));
    expect(alternativesFound(moved, state.draft, [other])).toBe(moved);
  });

  it("leave the saved mask when all of them are removed, and nothing of a new one", () => {
    let state = refinementBegun(start(saved("a", rectangle(0, 0, 4, 4))), "a");
    state = promptsCleared(actions.draftDecoded(state, twoClicks, [decodedMask(rectangle(0, 0, 9, 9))]));
    expect([state.draft.refinedId, state.draft.prompts]).toEqual(["a", NO_PROMPTS]);
    expect(state.draft.candidates[0]!.mask.area).toBe(16);
    const made = actions.draftDecoded(start(), click, [decodedMask(rectangle(0, 0, 9, 9))]);
    expect(promptsCleared(made).draft.candidates).toEqual([]);
  });
});

describe("the mask beside the prompts", () => {
  const draft = actions.draftDecoded(start(), twoClicks, [decodedMask(rectangle(0, 0, 5, 5))]);

  it("is that of the step before when a click is added", () => {
    expect(maskPromptBase(draft, "added")).toBe(draft.draft.candidates[0]);
  });

  it("is none when a click is moved: the prompts say it all", () => {
    expect(maskPromptBase(draft, "changed")).toBeNull();
    expect(
      maskPromptBase(refinementBegun(start(saved("a", rectangle(0, 0, 4, 4))), "a"), "changed"),
    ).toBeNull();
  });

  it("is what a hand drew, and what was saved without prompts", () => {
    const drawn = maskEdited(draft, rectangle(0, 0, 8, 8));
    expect(maskPromptBase(drawn, "changed")!.mask.area).toBe(64);
    let imported = refinementBegun(start(saved("a", rectangle(0, 0, 4, 4), NONE)), "a");
    imported = actions.draftDecoded(imported, click, [decodedMask(rectangle(0, 0, 9, 9))]);
    expect(maskPromptBase(imported, "changed")!.mask.area).toBe(16);
  });
});

describe("the answer to offer first", () => {
  const found = [decodedMask(rectangle(0, 0, 3, 3), 2), decodedMask(rectangle(0, 0, 5, 5), 1)];

  it("stays the one of its kind while a click is moved", () => {
    const state = actions.draftDecoded(start(), click, [decodedMask(rectangle(0, 0, 5, 5), 1)]);
    expect(candidateToChoose(state, found, click, "changed", null)).toBe(1);
    expect(candidateToChoose(state, found, twoClicks, "added", null)).toBe(0);
  });

  it("is the nearest to a mask saved without prompts", () => {
    const state = refinementBegun(start(saved("a", rectangle(0, 0, 5, 6), NONE)), "a");
    const base = maskPromptBase(state, "added");
    expect(candidateToChoose(state, found, click, "added", base)).toBe(1);
  });
});

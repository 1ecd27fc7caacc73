import { describe, expect, it } from "vitest";
import { imagePoint } from "../geometry/points";
import { indexMask } from "../masks/columns";
import { toCoco } from "../masks/rleString";
import { rectangleMask } from "../masks/shapes";
import * as actions from "./actions";
import { maskEdited } from "./editing";
import { openProposals, runProposalsLoaded, type Proposal } from "./proposals";
import { fixBegun, maskPromptBase, promptsCleared } from "./refinement";
import { ACCEPTANCE, decodedMask, SIZE, stateOf } from "./testMasks";

const square = (side: number) => rectangleMask({ x0: 0, y0: 0, x1: side, y1: side }, SIZE);
const proposal: Proposal = {
  id: "p",
  point: imagePoint(2, 3),
  candidate: {
    candidate: 0,
    predictedIou: 0.8,
    stabilityScore: 0.7,
    lowRes: null,
    mask: indexMask(square(8)),
    model: "vit_h@2",
  },
  run: { stage: "fully_automatic", labelId: 9 },
};
const begun = fixBegun(runProposalsLoaded(stateOf(), [proposal], new Set()), "p");
const terms = { ...ACCEPTANCE, labelId: 9 };
const saved = (state: typeof begun) => actions.draftAccepted(state, terms).masks.get("p")!;

describe("putting a proposal right", () => {
  it("begins with its mask, its click and its run's label", () => {
    expect(begun.draft.prompts.points).toEqual([{ point: imagePoint(2, 3), label: 1 }]);
    expect(begun.draft.candidates[0]!.mask).toBe(proposal.candidate.mask);
    expect(begun.labelId).toBe(9);
    // The first click corrects what was proposed.
    expect(maskPromptBase(begun, "added")!.mask).toBe(proposal.candidate.mask);
  });

  it("by clicks saves it under its id as a mask of the second stage, with what was proposed beside it", () => {
    const prompts = {
      points: [...begun.draft.prompts.points, { point: imagePoint(9, 9), label: 1 as const }],
      box: null,
    };
    const mask = saved(actions.draftDecoded(begun, prompts, [decodedMask(square(10), 0)]));
    expect(mask).toMatchObject({ stage: "semi_automatic", model: "tiny@1", predictedIou: 0.9, labelId: 9 });
    expect(mask.modelSegmentation).toEqual(toCoco(square(8)));
    expect(mask.prompts.points).toHaveLength(2);
  });

  it("by hand keeps the model that proposed it", () => {
    const mask = saved(maskEdited(begun, square(9), "brush"));
    expect(mask).toMatchObject({
      stage: "semi_automatic",
      model: "vit_h@2",
      predictedIou: null,
      tool: "brush",
    });
    expect(mask.modelSegmentation).toEqual(toCoco(square(8)));
    expect(saved(maskEdited(promptsCleared(begun), square(9), "brush"))).toMatchObject({ model: "vit_h@2" });
  });

  it("without a change is accepting it as it is", () => {
    const mask = saved(begun);
    expect(mask).toMatchObject({ stage: "fully_automatic", predictedIou: 0.8, modelSegmentation: null });
    expect(actions.draftAccepted(begun, terms).draft.proposal).toBeNull();
  });

  it("given up leaves it a proposal", () => {
    expect(openProposals(actions.draftCancelled(begun)).map(({ id }) => id)).toEqual(["p"]);
    expect(actions.draftCancelled(begun).draft.proposal).toBeNull();
  });
});

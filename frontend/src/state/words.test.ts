import { describe, expect, it } from "vitest";
import { imagePoint } from "../geometry/points";
import { rectangleMask } from "../masks/shapes";
import { NO_PROMPTS } from "../sam/prompts";
import * as actions from "./actions";
import { maskEdited } from "./editing";
import { candidateToChoose, maskPromptBase, promptsCleared } from "./refinement";
import { ACCEPTANCE, decodedMask, label, SIZE, stateOf } from "./testMasks";
import { labelNamed, unknownWordNote, wordAnswered } from "./words";

const square = (side: number) => rectangleMask({ x0: 0, y0: 0, x1: side, y1: side }, SIZE);
const nearest = { name: "dog", isKnown: true };
const found = [decodedMask(square(4), 2), decodedMask(square(6), 1), decodedMask(square(9), 3)];
const answered = () => wordAnswered(stateOf(), { word: "dog", nearest }, found);
const click = { points: [{ point: imagePoint(1, 1), label: 1 as const }], box: null };

describe("a mask that a word led to", () => {
  it("is the model's, though nobody clicked", () => {
    const saved = actions.draftAccepted(answered(), ACCEPTANCE).masks.get("new")!;
    expect(saved).toMatchObject({
      model: "tiny@1",
      tool: "smart",
      predictedIou: 0.9,
      modelSegmentation: null,
    });
    expect(saved.prompts).toEqual({ points: [], box: null, candidate: 2 });
  });

  it("is told with what the model gave where a hand drew in it", () => {
    const state = actions.draftAccepted(maskEdited(answered(), square(5), "brush"), ACCEPTANCE);
    expect(state.masks.get("new")).toMatchObject({ model: "tiny@1", tool: "brush" });
    expect(state.masks.get("new")!.modelSegmentation).not.toBeNull();
  });

  it("is what a click corrects, also once that is dragged", () => {
    const chosen = actions.candidateChosen(answered(), 1);
    expect(maskPromptBase(chosen, "added")).toBe(found[1]);
    const corrected = actions.draftDecoded(chosen, click, [decodedMask(square(7), 1)]);
    expect(maskPromptBase(corrected, "changed")).toBe(found[1]);
    const twice = { ...click, points: [...click.points, ...click.points] };
    const further = actions.draftDecoded(corrected, twice, [decodedMask(square(8), 0)]);
    expect(maskPromptBase(further, "changed")).toBe(found[1]);
  });

  it("is corrected by the answer that is nearest to it, not by the decoder's first for one click", () => {
    const others = [decodedMask(square(2), 1), decodedMask(square(7), 2), decodedMask(square(19), 3)];
    const chosen = actions.candidateChosen(answered(), 1);
    expect(candidateToChoose(chosen, others, click, "added", found[1]!)).toBe(1);
  });

  it("comes back with all its candidates when the clicks are gone", () => {
    const chosen = actions.candidateChosen(answered(), 1);
    const { draft } = promptsCleared(actions.draftDecoded(chosen, click, [decodedMask(square(7), 1)]));
    expect(draft).toMatchObject({ prompts: NO_PROMPTS, candidates: found, chosen: 1 });
  });
});

describe("words", () => {
  it("that the model has not learned are told with the nearest one", () => {
    const horse = { name: "horse", isKnown: false };
    expect(unknownWordNote({ word: "zebra", nearest: horse })).toBe(
      "The model has not learned “zebra”; nearest word: horse.",
    );
    expect(unknownWordNote({ word: "dog", nearest })).toBeNull();
  });

  it("are a label's name in whatever case", () => {
    const labels = [label(1, "cat"), label(2, "Guide dog"), label(3, "Dog")];
    expect(labelNamed(labels, " dog ")?.id).toBe(3);
    expect(labelNamed(labels, "horse")).toBeNull();
  });
});

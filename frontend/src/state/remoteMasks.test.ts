import { describe, expect, it } from "vitest";
import { indexMask } from "../masks/columns";
import { emptyMask } from "../masks/combine";
import { initialState, type SavedMask } from "./annotation";
import { masksRead } from "./remoteMasks";

const size = { height: 2, width: 2 };

function mask(id: string, labelId = 1): SavedMask {
  return {
    id,
    labelId,
    z: 0,
    attributes: {},
    mask: indexMask(emptyMask(size)),
    prompts: { points: [], box: null, candidate: 0 },
    model: null,
    predictedIou: null,
    stabilityScore: null,
    stage: "assisted_manual",
    secondsSpent: 0,
    author: null,
  };
}

describe("reading the masks anew", () => {
  const [a, b, c] = [mask("a"), mask("b"), mask("c")];
  const state = { ...initialState(size, [a, b]), selectedId: "b", alsoSelectedIds: new Set(["a"]) };
  const nobody = new Set<string>();

  it("changes nothing when nothing changed", () => {
    expect(masksRead(state, [a, b], nobody)).toBe(state);
  });

  it("takes what others added, changed and removed", () => {
    const changed = mask("a", 2);
    const next = masksRead(state, [changed, c], nobody);
    expect([...next.masks.values()]).toEqual([changed, c]);
    expect(next.selectedId).toBeNull();
    expect([...next.alsoSelectedIds]).toEqual(["a"]);
  });

  it("leaves what was made, changed or deleted here since", () => {
    const made = masksRead(state, [mask("a", 2)], new Set(["a", "b"]));
    expect([...made.masks.values()]).toEqual([a, b]);
    const deletedHere = initialState(size, [a]);
    expect([...masksRead(deletedHere, [a], new Set(["b"])).masks.keys()]).toEqual(["a"]);
  });
});

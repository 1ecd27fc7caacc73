import { expect, it } from "vitest";
import { rectangleMask } from "../masks/shapes";
import { draftAccepted } from "./actions";
import type { AnnotationState } from "./annotation";
import { maskEdited } from "./editing";
import type { ChangeSet } from "./history";
import { maskOperated } from "./maskOperations";
import { masksDescribed, masksRelabelled } from "./objects";
import { maskSelected, masksSelected } from "./selection";
import { drawingTool } from "./sketch";
import { AnnotationStore } from "./store";
import { ACCEPTANCE, boxMask, decodedMask, SIZE, stateOf } from "./testMasks";

const MAKER = { author: "ada", newId: () => "part" };
const square = (side: number) => rectangleMask({ x0: 0, y0: 0, x1: side, y1: side }, SIZE);

it("a stroke counts as what it does, whichever end of the tool is used", () => {
  expect(drawingTool("brush", "subtract")).toBe("eraser");
  expect(drawingTool("eraser", "add")).toBe("brush");
  expect(drawingTool("polygon", "subtract")).toBe("polygon");
});

it("a mask remembers what made its newest state", () => {
  const before = maskSelected(stateOf(boxMask("a", [0, 0, 9, 9], { tool: "smart" })), "a");
  const toolOf = (state: typeof before, id = "a") => state.masks.get(id)?.tool;
  expect(toolOf(maskEdited(before, square(5), "brush"))).toBe("brush");
  expect(toolOf(maskOperated(before, "shrink", MAKER))).toBe("clean_up");
  expect(toolOf(masksRelabelled(before, ["a"], 2, []))).toBe("relabel");
  expect(toolOf(masksDescribed(before, ["a"], 1, "red"))).toBe("other");
  expect(toolOf(masksRelabelled(before, ["a"], 1, []))).toBe("smart");
  const two = masksSelected(stateOf(boxMask("a", [0, 0, 5, 5]), boxMask("b", [9, 9, 12, 12])), ["a", "b"]);
  const merged = maskOperated(two, "merge", MAKER);
  expect(toolOf(merged)).toBe("merge");
  const split = maskOperated(merged, "split", MAKER);
  expect([toolOf(split), toolOf(split, "part")]).toEqual(["split", "split"]);
});

it("a new mask is the model's, until a hand draws in it", () => {
  const draft = {
    refinedId: null,
    proposal: null,
    word: null,
    prompts: { points: [], box: null },
    chosen: 0,
  };
  const decoded: AnnotationState = {
    ...stateOf(),
    draft: { ...draft, candidates: [decodedMask(square(5))] },
  };
  const box = { x0: 0, y0: 0, x1: 6, y1: 6 };
  const boxed = { ...decoded, draft: { ...decoded.draft, prompts: { points: [], box } } };
  const saved = (state: AnnotationState) => draftAccepted(state, ACCEPTANCE).masks.get("new")?.tool;
  expect(saved(decoded)).toBe("smart");
  expect(saved(boxed)).toBe("box");
  expect(saved(maskEdited(decoded, square(7), "polygon"))).toBe("polygon");
});

it("what is undone or done again is told as restored", () => {
  const told: ChangeSet[] = [];
  const store = new AnnotationStore(stateOf(boxMask("a", [0, 0, 9, 9], { tool: "smart" })), (changes) =>
    told.push(changes),
  );
  store.apply((state) => maskEdited(maskSelected(state, "a"), square(5), "brush"));
  store.undo();
  store.redo();
  expect(told.map(({ masks }) => masks[0]?.after?.tool)).toEqual(["brush", "restore", "restore"]);
});

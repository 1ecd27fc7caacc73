import { describe, expect, it } from "vitest";
import { indexMask } from "../masks/columns";
import { rectangleMask } from "../masks/shapes";
import { initialState, type SavedMask } from "./annotation";
import { fitsImage, masksPasted, selectionCopied, type CopiedMasks } from "./clipboard";
import { AnnotationStore } from "./store";
import { maskSelected, maskSelectionToggled } from "./selection";

const size = { height: 60, width: 80 };

function saved(id: string, x0: number, y0: number, x1: number, y1: number): SavedMask {
  return {
    id,
    labelId: 1,
    z: 0,
    attributes: {},
    mask: indexMask(rectangleMask({ x0, y0, x1, y1 }, size)),
    prompts: { points: [[1, 1, 1]], box: null, candidate: 1 },
    model: "tiny@1",
    predictedIou: 0.9,
    stabilityScore: 0.8,
    stage: "fully_automatic",
    secondsSpent: 2,
    author: "ada",
    tool: "smart",
    modelSegmentation: null,
  };
}

function pasting() {
  let made = 0;
  return {
    newId: () => `copy ${made++}`,
    author: "bob",
    labelId: (wanted: number | null) => wanted,
    defaults: () => ({}),
  };
}

const start = initialState(size, [saved("a", 10, 10, 20, 30), saved("b", 40, 10, 50, 30)]);
const both = maskSelectionToggled(maskSelected(start, "a"), "b");
const copied = selectionCopied(both)!;

describe("copying masks", () => {
  it("takes the selected ones, and none when none is selected", () => {
    expect(copied.masks.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(selectionCopied(start)).toBeNull();
  });

  it("puts the same pixels on an image of the same size, as masks of their own without prompts", () => {
    const pasted = masksPasted(initialState(size, []), copied, pasting());
    const [first, second] = [...pasted.masks.values()];
    expect(first!.mask.bbox).toEqual({ x: 10, y: 10, width: 10, height: 20 });
    expect([first!.id, first!.author, first!.model, first!.prompts.points]).toEqual([
      "copy 0",
      "bob",
      null,
      [],
    ]);
    expect([pasted.selectedId, [...pasted.alsoSelectedIds]]).toEqual(["copy 0", [second!.id]]);
  });

  it("moves a copy aside that would lie on its twin, again and again", () => {
    let state = start;
    const one: CopiedMasks = { ...copied, masks: copied.masks.slice(0, 1) };
    const paste = pasting();
    for (let time = 0; time < 2; time++) state = masksPasted(state, one, paste);
    expect([...state.masks.values()].map(({ mask }) => [mask.bbox!.x, mask.bbox!.y])).toEqual([
      [10, 10], [40, 10], [22, 22], [34, 34],
    ]); // prettier-ignore
  });

  it("scales to an image of another size and refuses one of another shape", () => {
    const larger = masksPasted(initialState({ height: 120, width: 160 }, []), copied, pasting());
    expect([...larger.masks.values()][0]!.mask.bbox).toEqual({ x: 20, y: 20, width: 20, height: 40 });
    const square = initialState({ height: 80, width: 80 }, []);
    expect(fitsImage(copied, square.size)).toBe(false);
    expect(masksPasted(square, copied, pasting())).toBe(square);
  });

  it("labels later what has no label here, and says of it what its label lets be said", () => {
    const described = {
      ...copied,
      masks: copied.masks.map((mask) => ({ ...mask, attributes: { 7: "red" } })),
    };
    const state = initialState(size, []);
    const here = [...masksPasted(state, described, pasting()).masks.values()];
    expect(here.map(({ labelId, attributes }) => [labelId, attributes])).toEqual([
      [1, { 7: "red" }],
      [1, { 7: "red" }],
    ]);
    const elsewhere = [
      ...masksPasted(state, described, { ...pasting(), labelId: () => null }).masks.values(),
    ];
    expect(elsewhere.map(({ labelId, attributes }) => [labelId, attributes])).toEqual([
      [null, {}],
      [null, {}],
    ]);
  });

  it("is one step to undo", () => {
    const store = new AnnotationStore(start, () => undefined);
    const paste = pasting();
    store.apply((state) => masksPasted(state, copied, paste));
    expect(store.getState().masks.size).toBe(4);
    store.undo();
    expect(store.getState().masks).toEqual(start.masks);
  });
});

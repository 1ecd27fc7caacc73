import { describe, expect, it } from "vitest";
import { imagePoint } from "../geometry/points";
import { rleEncode } from "../masks/rle";
import type { Prompts } from "../sam/prompts";
import * as actions from "./actions";
import { chosenCandidate, initialState, type SavedMask } from "./annotation";
import type { ChangeSet } from "./history";
import { masksDeleted, masksRelabelled } from "./objects";
import { masksLocked, maskSelected, maskSelectedAt, masksSelected, selectedIds } from "./selection";
import { AnnotationStore } from "./store";
import { ACCEPTANCE, decodedMask, savedMask } from "./testMasks";
import { masksHidden } from "./visibility";

const size = { height: 2, width: 2 };
const bits = (...values: number[]) => rleEncode(Uint8Array.from(values), size);
const candidate = (number: number, rle = bits(1, 1, 0, 0)) => decodedMask(rle, number, 1 - number / 10);
const saved = (id: string, rle = bits(1, 1, 1, 1), labelId = 1) => savedMask(id, rle, { labelId });

const oneClick: Prompts = { points: [{ point: imagePoint(0, 1), label: 1 }], box: null };
const twoClicks: Prompts = { points: [...oneClick.points, { point: imagePoint(1, 1), label: 0 }], box: null };
function storeWith(...masks: SavedMask[]): { store: AnnotationStore; reported: ChangeSet[] } {
  const reported: ChangeSet[] = [];
  return {
    store: new AnnotationStore(initialState(size, masks), (changes) => reported.push(changes)),
    reported,
  };
}

describe("the annotation store", () => {
  it("refuses changes of masks while they may only be looked at, and says so", () => {
    const { store, reported } = storeWith(saved("a"));
    store.apply((state) => masksRelabelled(state, ["a"], 2, []));
    let refusals = 0;
    store.refuseChanges(() => (refusals += 1));
    expect(store.canUndo).toBe(false);
    store.apply((state) => masksDeleted(state, ["a"]));
    store.undo();
    store.redo();
    expect(refusals).toBe(3);
    expect(store.getState().masks.get("a")!.labelId).toBe(2);
    expect(reported).toHaveLength(1);
    // Looking is not changing, and what others do is shown.
    store.apply((state) => maskSelected(state, "a"));
    store.apply((state) => actions.draftDecoded(state, oneClick, [candidate(1)]));
    store.applyRemote((state) => ({ ...state, masks: new Map() }));
    expect([refusals, store.getState().masks.size]).toEqual([3, 0]);
    store.refuseChanges(null);
    store.apply((state) => actions.draftAccepted(state, ACCEPTANCE));
    expect(store.getState().masks.size).toBe(1);
  });

  it("accepts the chosen candidate with the prompts that made it, and undoes step by step", () => {
    const { store, reported } = storeWith();
    store.apply((state) => actions.draftDecoded(state, oneClick, [candidate(2), candidate(1), candidate(3)]));
    store.apply((state) => actions.candidateCycled(state, 1));
    store.apply((state) => actions.draftAccepted(state, ACCEPTANCE));
    const made = store.getState().masks.get("new")!;
    expect(made.prompts).toEqual({ points: [[0, 1, 1]], box: null, candidate: 1 });
    expect(made.labelId).toBe(4);
    expect(store.getState().draft.candidates).toEqual([]);
    expect(reported.at(-1)!.masks).toEqual([{ id: "new", before: null, after: made }]);

    store.undo();
    expect(store.getState().masks.size).toBe(0);
    expect(chosenCandidate(store.getState().draft)!.candidate).toBe(1);
    expect(reported.at(-1)!.masks).toEqual([{ id: "new", before: made, after: null }]);
    store.undo();
    expect(chosenCandidate(store.getState().draft)!.candidate).toBe(2);
    store.undo();
    expect(store.getState().draft.prompts.points).toEqual([]);
    expect(store.canUndo).toBe(false);
    store.redo();
    store.redo();
    store.redo();
    expect(store.getState().masks.get("new")).toBe(made);
    expect(store.canRedo).toBe(false);
  });

  it("forgets the undone once something new is done", () => {
    const { store } = storeWith();
    store.apply((state) => actions.draftDecoded(state, oneClick, [candidate(1)]));
    store.undo();
    store.apply((state) => actions.draftDecoded(state, twoClicks, [candidate(0)]));
    expect(store.canRedo).toBe(false);
  });

  it("never undoes what came from elsewhere, nor reports it for saving", () => {
    const { store, reported } = storeWith(saved("a"));
    store.apply((state) => masksRelabelled(state, ["a"], 2, []));
    store.applyRemote((state) => actions.maskReplaced(state, "b", saved("b")));
    expect(reported).toHaveLength(1);
    store.undo();
    expect(store.getState().masks.get("a")!.labelId).toBe(1);
    expect(store.getState().masks.has("b")).toBe(true);
    expect(store.canUndo).toBe(false);
  });

  it("skips a step whose mask somebody else changed since, and says so", () => {
    const { store, reported } = storeWith(saved("a"), saved("b"));
    store.apply((state) => masksRelabelled(state, ["b"], 2, []));
    store.apply((state) => masksRelabelled(state, ["a"], 3, []));
    store.applyRemote((state) => actions.maskReplaced(state, "a", saved("a", bits(1, 0, 0, 0), 9)));
    expect(store.undo().skipped).toBe(1);
    expect(store.getState().masks.get("a")!.labelId).toBe(9);
    expect(store.getState().masks.get("b")!.labelId).toBe(1);
    expect(reported).toHaveLength(3);
    expect(store.redo().skipped).toBe(0);
    expect(store.getState().masks.get("b")!.labelId).toBe(2);

    store.applyRemote((state) => actions.maskReplaced(state, "b", null));
    expect(store.undo().skipped).toBe(1);
    expect(store.canUndo).toBe(false);
    expect(store.getState().masks.has("b")).toBe(false);
  });

  it("goes on with the steps of an earlier visit where the masks are as they left them", () => {
    const first = storeWith(saved("a"));
    first.store.apply((state) => masksRelabelled(state, ["a"], 2, []));
    first.store.apply((state) => masksRelabelled(state, ["a"], 3, []));
    first.store.undo();
    const again = new AnnotationStore(
      initialState(size, [saved("a", bits(1, 1, 1, 1), 2)]),
      () => undefined,
      first.store.steps,
    );
    again.redo();
    expect(again.getState().masks.get("a")!.labelId).toBe(3);
    again.undo();
    again.undo();
    expect(again.getState().masks.get("a")!.labelId).toBe(1);
  });

  it("leaves a locked mask as it is, and keeps the step for when it is unlocked", () => {
    const { store, reported } = storeWith(saved("a"), saved("b"));
    store.apply((state) => masksRelabelled(state, ["b"], 2, []));
    store.apply((state) => masksRelabelled(state, ["a"], 2, []));
    store.apply((state) => masksLocked(state, ["a"], true));
    expect(store.undo()).toEqual({ changes: null, skipped: 0, isLocked: true });
    expect(store.getState().masks.get("a")!.labelId).toBe(2);
    expect(reported).toHaveLength(2);
    store.apply((state) => masksLocked(state, ["a"], false));
    store.undo();
    store.apply((state) => masksLocked(state, ["a"], true));
    expect(store.redo().isLocked).toBe(true);
    expect(store.getState().masks.get("a")!.labelId).toBe(1);
    expect(store.canUndo && store.canRedo).toBe(true);
  });

  it("selects nothing that an undone step took away", () => {
    const { store } = storeWith(saved("a"));
    store.apply((state) => ({ ...state, masks: new Map(state.masks).set("b", saved("b")) }));
    store.apply((state) => masksSelected(state, ["a", "b"]));
    store.undo();
    expect(selectedIds(store.getState())).toEqual(["a"]);
  });

  it("brings a deleted mask back under its id", () => {
    const { store } = storeWith(saved("a"), saved("b"));
    store.apply((state) => maskSelected(state, "a"));
    store.apply((state) => masksDeleted(state, ["a"]));
    expect(store.getState().selectedId).toBeNull();
    store.undo();
    expect([...store.getState().masks.keys()].sort()).toEqual(["a", "b"]);
  });

  it("does not put selecting or hiding into the history", () => {
    const { store } = storeWith(saved("a"));
    store.apply((state) => maskSelected(state, "a"));
    store.apply((state) => masksHidden(state, ["a"], true));
    store.apply((state) => actions.labelChosen(state, 9));
    expect(store.canUndo).toBe(false);
    expect(store.getState().hiddenIds.has("a")).toBe(true);
  });

  it("selects the smallest visible mask under a pixel", () => {
    const { store } = storeWith(
      saved("large"),
      saved("small", bits(1, 0, 0, 0)),
      saved("other", bits(0, 0, 0, 1)),
    );
    store.apply((state) => maskSelectedAt(state, 0, 0));
    expect(store.getState().selectedId).toBe("small");
    store.apply((state) => masksHidden(state, ["small"], true));
    store.apply((state) => maskSelectedAt(state, 0, 0));
    expect(store.getState().selectedId).toBe("large");
  });

  it("saves no empty mask and cycles candidates both ways", () => {
    const { store } = storeWith();
    store.apply((state) =>
      actions.draftDecoded(state, oneClick, [candidate(1, bits(0, 0, 0, 0)), candidate(2)]),
    );
    store.apply((state) => actions.draftAccepted(state, ACCEPTANCE));
    expect(store.getState().masks.size).toBe(0);
    store.apply((state) => actions.candidateCycled(state, -1));
    expect(store.getState().draft.chosen).toBe(1);
    store.apply((state) => actions.candidateCycled(state, 1));
    expect(store.getState().draft.chosen).toBe(0);
  });
});

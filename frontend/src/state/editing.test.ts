import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { imagePoint } from "../geometry/points";
import { masksEqual } from "../masks/combine";
import { indexMask } from "../masks/columns";
import { rleArea, rleDecode, rleEncode, type Rle } from "../masks/rle";
import { rectangleMask, strokeMask } from "../masks/shapes";
import { subtractMask, unionMasks } from "../masks/combine";
import * as actions from "./actions";
import { initialState, type AnnotationState, type SavedMask } from "./annotation";
import * as editing from "./editing";
import { CLEANINGS, maskOperated, type MaskOperation } from "./maskOperations";
import type { ChangeSet } from "./history";
import { masksPasted, selectionCopied } from "./clipboard";
import { decisionsOf } from "./decisions";
import { openProposals, proposalsAccepted, proposalsFound, proposalsRejected } from "./proposals";
import { fixBegun, promptsCleared, refinementBegun } from "./refinement";
import { AnnotationStore } from "./store";
import { ACCEPTANCE, decodedMask, savedMask } from "./testMasks";
import { masksDeleted } from "./objects";
import { maskSelected, maskSelectionToggled } from "./selection";

const size = { height: 12, width: 16 };
const rectangle = (x0: number, y0: number, x1: number, y1: number) => rectangleMask({ x0, y0, x1, y1 }, size);

const saved = (id: string, rle: Rle, author: string | null = null) =>
  savedMask(id, rle, {
    prompts: { points: [[1, 1, 1]], box: null, candidate: 1 },
    model: "tiny@1",
    predictedIou: 0.9,
    stabilityScore: 0.8,
    secondsSpent: 2,
    author,
  });

const RUN = { stage: "semi_automatic", model: "tiny@1", labelId: null } as const;
const click = { points: [{ point: imagePoint(2, 2), label: 1 as const }], box: null };
const start = (...masks: SavedMask[]) => initialState(size, masks);
const pixels = (state: AnnotationState, id: string) => rleDecode(state.masks.get(id)!.mask.rle);

describe("editing by hand", () => {
  it("begins a mask that no model made, and saves it as such", () => {
    let state = editing.maskEdited(start(), rectangle(1, 1, 4, 4));
    state = actions.draftAccepted(state, ACCEPTANCE);
    const made = state.masks.get("new")!;
    expect(made.mask.area).toBe(9);
    expect([made.model, made.predictedIou, made.stabilityScore]).toEqual([null, null, null]);
  });

  it("changes the chosen candidate, whose logits then no longer are its own", () => {
    let state = actions.draftDecoded(start(), click, [
      decodedMask(rectangle(0, 0, 2, 2)),
      decodedMask(rectangle(0, 0, 4, 4)),
    ]);
    state = editing.maskEdited(actions.candidateChosen(state, 1), rectangle(0, 0, 5, 5));
    expect(state.draft.candidates.map(({ mask }) => mask.area)).toEqual([4, 25]);
    expect(state.draft.candidates[0]!.lowRes).not.toBeNull();
    expect(state.draft.candidates[1]!.lowRes).toBeNull();
    expect(actions.draftAccepted(state, ACCEPTANCE).masks.get("new")!.model).toBe("tiny@1");
  });

  it("changes the selected mask and reports it for saving under its id, but never empties it", () => {
    const reported: ChangeSet[] = [];
    const store = new AnnotationStore(start(saved("a", rectangle(0, 0, 4, 4))), (c) => reported.push(c));
    store.apply((state) => maskSelected(state, "a"));
    store.apply((state) => editing.maskEdited(state, rectangle(0, 0, 4, 2)));
    expect(reported.map(({ masks }) => masks.map(({ id, after }) => [id, after?.mask.area]))).toEqual([
      [["a", 8]],
    ]);
    expect(store.getState().masks.get("a")!.predictedIou).toBeNull();
    store.apply((state) =>
      editing.maskEdited(state, subtractMask(rectangle(0, 0, 1, 1), rectangle(0, 0, 2, 2))),
    );
    expect(reported).toHaveLength(1);
  });

  it("gives an emptied new mask up", () => {
    const state = editing.maskEdited(start(), rectangle(0, 0, 1, 1));
    expect(editing.maskEdited(state, rectangle(0, 0, 0, 0)).draft.candidates).toEqual([]);
  });
});

describe("several masks", () => {
  const maker = { author: "bob", newId: () => "x" };
  const both = () => {
    const state = start(saved("a", rectangle(0, 0, 6, 6)), saved("b", rectangle(4, 4, 8, 8)));
    return maskSelectionToggled(maskSelected(state, "a"), "b");
  };

  it("are merged into the first selected", () => {
    const merged = maskOperated(both(), "merge", maker);
    expect([...merged.masks.keys()]).toEqual(["a"]);
    expect(merged.masks.get("a")!.mask.area).toBe(36 + 16 - 4);
  });

  it("are cut out of the first selected and stay", () => {
    const cut = maskOperated(both(), "subtract", maker);
    expect(cut.masks.get("a")!.mask.area).toBe(32);
    expect(cut.masks.get("b")!.mask.area).toBe(16);
  });

  it("come of one that is split; the largest part stays what it was, the others are of whoever split it", () => {
    const parts = unionMasks(rectangle(0, 0, 2, 2), rectangle(5, 5, 9, 9));
    let state = maskSelected(start(saved("a", parts, "ada")), "a");
    state = maskOperated(state, "split", maker);
    expect([...state.masks.values()].map(({ id, author, mask }) => [id, author, mask.area])).toEqual([
      ["a", "ada", 16],
      ["x", "bob", 4],
    ]);
  });

  it("leave the selection one by one", () => {
    const state = maskSelectionToggled(both(), "a");
    expect([state.selectedId, state.alsoSelectedIds.size]).toEqual(["b", 0]);
    expect(maskSelectionToggled(state, "b").selectedId).toBeNull();
  });
});

describe("undo and redo", () => {
  const operation = fc.oneof(
    fc.record({
      kind: fc.constantFrom("paint" as const, "erase" as const),
      x: fc.integer({ min: 0, max: 16 }),
      y: fc.integer({ min: 0, max: 12 }),
      radius: fc.integer({ min: 1, max: 4 }),
    }),
    fc.record({
      kind: fc.constantFrom("select" as const, "toggle" as const, "delete" as const, "refine" as const),
      pick: fc.nat(9),
    }),
    fc.record({
      kind: fc.constantFrom(
        "accept" as const,
        "acceptYielding" as const,
        "decode" as const,
        "clear" as const,
        "cancel" as const,
        "propose" as const,
        "suggest" as const,
        "acceptOne" as const,
        "rejectOne" as const,
        "fix" as const,
        "copy" as const,
      ),
    }),
    fc.record({
      kind: fc.constant("operate" as const),
      name: fc.constantFrom<MaskOperation[]>(
        ...CLEANINGS.map(({ name }) => name),
        "split",
        "merge",
        "subtract",
      ),
    }),
  );

  it("of 200 random operations give the same pixels", () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 200, maxLength: 200 }), (operations) => {
        const first = start(saved("a", rectangle(1, 1, 7, 7)), saved("b", rectangle(6, 3, 12, 9)));
        const server = new Map([...first.masks].map(([id, { mask }]) => [id, mask.rle]));
        const decided = new Map<string, string>();
        const store = new AnnotationStore(first, (changes, way) => {
          for (const { id, after } of changes.masks) {
            if (after) server.set(id, after.mask.rle);
            else server.delete(id);
            // As the server takes it by itself.
            decided.set(id, after ? "accept" : "reject");
          }
          for (const [id, decision] of decisionsOf(changes, way === "undo")) decided.set(id, decision);
        });
        let made = 0;
        const newId = () => `made ${made++}`;
        for (const step of operations) {
          store.apply((state) => {
            const ids = [...state.masks.keys()];
            const target = editing.editTarget(state)?.mask.rle ?? rectangle(0, 0, 0, 0);
            switch (step.kind) {
              case "paint":
              case "erase": {
                const stroke = strokeMask([imagePoint(step.x, step.y)], step.radius, size);
                const join = step.kind === "paint" ? unionMasks : subtractMask;
                return editing.maskEdited(state, join(target, stroke));
              }
              case "select":
                return maskSelected(state, ids[step.pick] ?? null);
              case "toggle":
                return maskSelectionToggled(state, ids[step.pick] ?? "");
              case "delete":
                return masksDeleted(state, [ids[step.pick] ?? ""]);
              case "refine":
                return refinementBegun(state, ids[step.pick] ?? "");
              case "accept":
                return actions.draftAccepted(state, { ...ACCEPTANCE, id: newId() });
              case "acceptYielding":
                return actions.draftAccepted(state, { ...ACCEPTANCE, id: newId(), yields: true });
              case "clear":
                return promptsCleared(state);
              case "propose": {
                const mask = indexMask(rectangle(made % 9, 2, (made % 9) + 5, 9));
                const candidate = { candidate: 1, predictedIou: 0.5, stabilityScore: 1, lowRes: null, mask };
                const found = proposalsFound(state, [
                  { id: newId(), point: imagePoint(2, 2), candidate, run: RUN },
                ]);
                return proposalsAccepted(found, openProposals(found), () => ({
                  ...ACCEPTANCE,
                  yields: made % 2 === 0,
                }));
              }
              case "suggest": {
                const mask = indexMask(rectangle(made % 11, 4, (made % 11) + 4, 11));
                const candidate = { candidate: 1, predictedIou: 0.5, stabilityScore: 1, lowRes: null, mask };
                return proposalsFound(state, [{ id: newId(), point: imagePoint(2, 2), candidate, run: RUN }]);
              }
              case "acceptOne":
                return proposalsAccepted(state, openProposals(state).slice(0, 1), () => ACCEPTANCE);
              case "rejectOne":
                return proposalsRejected(
                  state,
                  openProposals(state)
                    .slice(0, 1)
                    .map(({ id }) => id),
                );
              case "fix":
                return fixBegun(state, openProposals(state)[0]?.id ?? "");
              case "copy": {
                // All copies are selected: without a limit they would double each time.
                const copied = state.masks.size < 12 ? selectionCopied(state) : null;
                const pasting = {
                  newId,
                  author: null,
                  labelId: (wanted: number | null) => wanted,
                  defaults: () => ({}),
                };
                return copied ? masksPasted(state, copied, pasting) : state;
              }
              case "decode":
                return actions.draftDecoded(state, click, [decodedMask(rectangle(1, 1, 5, 6))]);
              case "cancel":
                return actions.draftCancelled(state);
              case "operate":
                return maskOperated(state, step.name, { newId, author: null });
            }
          });
        }
        const seen = [snapshot(store.getState())];
        while (store.canUndo) {
          store.undo();
          seen.push(snapshot(store.getState()));
          expectOnServer(store.getState(), server, decided);
        }
        // Decodes beyond the number kept in the history are the only thing that may be out of reach.
        if (operations.filter(({ kind }) => kind === "decode").length <= 60) {
          expect(seen.at(-1)).toEqual(snapshot(first));
        }
        for (const expected of seen.reverse().slice(1)) {
          store.redo();
          expect(snapshot(store.getState())).toEqual(expected);
        }
        expect(store.canRedo).toBe(false);
        expectOnServer(store.getState(), server, decided);
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  function snapshot(state: AnnotationState) {
    const { refinedId, candidates, chosen } = state.draft;
    return {
      masks: [...state.masks.keys()].sort().map((id) => [id, pixels(state, id).join("")]),
      draft: [refinedId, chosen, ...candidates.map(({ mask }) => rleDecode(mask.rle).join(""))],
    };
  }

  function expectOnServer(
    state: AnnotationState,
    server: ReadonlyMap<string, Rle>,
    decided: ReadonlyMap<string, string>,
  ) {
    for (const id of state.proposals.found.keys()) {
      const left = state.proposals.rejectedIds.has(id) ? "reject" : "reopen";
      expect(decided.get(id) ?? "reopen").toBe(state.masks.has(id) ? "accept" : left);
    }
    expect([...server.keys()].sort()).toEqual([...state.masks.keys()].sort());
    for (const [id, rle] of server) {
      expect(masksEqual(rle, state.masks.get(id)!.mask.rle)).toBe(true);
      expect(rleArea(rle)).toBeGreaterThan(0);
      expect(rleEncode(rleDecode(rle), size)).toEqual(rle);
    }
  }
});

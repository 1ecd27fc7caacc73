import { beforeEach, describe, expect, it } from "vitest";
import type { ImageDetail } from "../../api/types";
import { imagePoint } from "../../geometry/points";
import { SupersededError } from "../../inference/errors";
import type { Decoded } from "../../inference/protocol";
import { rectangleMask } from "../../masks/shapes";
import { NO_STEPS } from "../../state/history";
import { maskSelected } from "../../state/selection";
import { boxMask, SIZE } from "../../state/testMasks";
import { ActiveClock } from "../../state/activeClock";
import type { Services } from "../services";
import { AnnotationSession } from "./session";

const image = { id: 7, ...SIZE, embedding: { model: { name: "tiny", version: "1" } } } as ImageDetail;
const rectangle = (side: number) => rectangleMask({ x0: 0, y0: 0, x1: side, y1: side }, SIZE);

/** Of whoever answers. */
let model: string;

function decoded(side: number): Decoded {
  const rle = rectangle(side);
  const mask = { candidate: 1, predictedIou: 0.9, stabilityScore: 0.9, lowRes: new Float32Array(4), rle };
  return { masks: [mask], model, rung: "server", decodeMs: 1, upsampleMs: 1 };
}

describe("the session", () => {
  let session: AnnotationSession;
  let answers: ((side: number) => void)[];
  const settle = () => new Promise((done) => setTimeout(done, 0));
  const area = (id: string) => session.store.getState().masks.get(id)?.mask.area;

  beforeEach(() => {
    answers = [];
    model = "tiny@1";
    const decode: Services["bridge"]["decode"] = (_request, signal) =>
      new Promise((resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new SupersededError()));
        answers.push((side) => resolve(decoded(side)));
      });
    const queue = { learn: () => undefined, wantAll: () => undefined, book: { waitingFor: () => [] } };
    session = new AnnotationSession({
      image,
      opened: {
        changes: { masks: [], deleted: [], cursor: "1" },
        history: { save: () => undefined },
        steps: NO_STEPS,
      } as never,
      labelId: 1,
      labels: [],
      isClassFree: false,
      author: "ada",
      services: { bridge: { decode }, queue, clock: new ActiveClock() } as unknown as Services,
      onConflict: () => undefined,
      onShow: () => undefined,
      onHint: () => undefined,
      onOtherModel: () => undefined,
    });
    session.prompting.decoderReady();
    const masks = new Map([["a", boxMask("a", [0, 0, 10, 10])]]);
    session.store.applyRemote((state) => maskSelected({ ...state, masks }, "a"));
  });

  describe("in the middle of a stroke", () => {
    beforeEach(() => session.hand.paint(rectangle(15), "add", "brush"));

    it("cleans up what is drawn so far, and the stroke is a step of its own", () => {
      session.operate("grow");
      session.hand.finish();
      expect(area("a")).toBe(16 * 16 - 1);
      session.undo();
      expect(area("a")).toBe(225);
      session.undo();
      expect(area("a")).toBe(100);
    });

    it("does nothing again that the stroke came after", () => {
      session.hand.finish();
      session.undo();
      session.hand.paint(rectangle(12), "add", "brush");
      session.redo();
      session.hand.finish();
      expect(area("a")).toBe(144);
    });

    it("refines the mask with it", () => {
      session.refine();
      session.hand.finish();
      expect(area("a")).toBe(225);
    });
  });

  describe("while a click is decoded", () => {
    beforeEach(async () => {
      for (const id of ["b", "c"]) {
        session.store.apply((state) => ({
          ...state,
          masks: new Map(state.masks).set(id, boxMask(id, [0, 0, 5, 5])),
        }));
      }
      session.undo();
      session.undo();
      session.prompting.addPoint(imagePoint(1, 1), 1);
      await settle();
    });

    it("does again what was undone, all of it, in place of the click", async () => {
      session.redo();
      expect(area("b")).toBe(25);
      answers[0]!(3);
      await settle();
      session.redo();
      expect(area("c")).toBe(25);
    });

    it("saves a mask that was accepted before it does anything again", async () => {
      session.accept(1, false);
      session.redo();
      answers[0]!(3);
      await settle();
      expect([...session.store.getState().masks.values()].map(({ mask }) => mask.area)).toEqual([100, 9]);
    });
  });

  it("leaves a click alone where there is nothing to do again", async () => {
    session.prompting.addPoint(imagePoint(1, 1), 1);
    await settle();
    session.redo();
    answers[0]!(3);
    await settle();
    expect(session.store.getState().draft.candidates).toHaveLength(1);
  });

  it("says of every mask which model it is of, where the image got another one before it was accepted", async () => {
    session.prompting.addPoint(imagePoint(1, 1), 1);
    await settle();
    answers[0]!(3);
    await settle();
    session.workWith({ ...image, embedding: { ...image.embedding, model: { name: "tiny", version: "2" } } });
    session.accept(1, false);
    const models = () => [...session.store.getState().masks.values()].map(({ model }) => model);
    expect(models()[1]).toBe("tiny@1");
    model = "tiny@2";
    session.prompting.addPoint(imagePoint(2, 2), 1);
    await settle();
    answers[1]!(5);
    await settle();
    session.accept(1, false);
    expect(models().at(-1)).toBe("tiny@2");
  });
});

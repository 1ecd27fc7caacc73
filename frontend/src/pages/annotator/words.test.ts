import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../api/errors";
import type { ImageDetail } from "../../api/types";
import type { WordAnswer } from "../../api/words";
import { imagePoint } from "../../geometry/points";
import { SupersededError } from "../../inference/errors";
import type { Decoded, ReadRequest } from "../../inference/protocol";
import { rectangleMask } from "../../masks/shapes";
import type { PromptPoint } from "../../sam/prompts";
import { ActiveClock } from "../../state/activeClock";
import * as actions from "../../state/actions";
import type { Wanted } from "../../state/decisions";
import { NO_STEPS } from "../../state/history";
import { label, SIZE } from "../../state/testMasks";
import { unknownWordNote } from "../../state/words";
import type { Services } from "../services";
import { AnnotationSession } from "./session";

const model = { name: "tiny", version: "1" };
const image = { id: 7, ...SIZE, embedding: { model } } as ImageDetail;
const rectangle = (side: number) => rectangleMask({ x0: 0, y0: 0, x1: side, y1: side }, SIZE);

interface AskedWord {
  readonly imageId: number;
  readonly word: string;
  readonly model: string;
  readonly signal: AbortSignal;
  answer(rest?: Partial<WordAnswer>): void;
  refuse(error: Error): void;
}
let words: AskedWord[];
vi.mock("../../api/words", () => ({
  askWord: (imageId: number, word: string, model: string, signal: AbortSignal) =>
    new Promise<WordAnswer>((resolve, reject) => {
      const output = { iouPredictions: new Float32Array(4), lowResMasks: new Float32Array(64) };
      const nearest = { name: word, similarity: 1, isKnown: true };
      const answer = (rest = {}) => resolve({ nearest, output, model: "tiny@1", ...rest });
      words.push({ imageId, word, model, signal, answer, refuse: reject });
    }),
}));

function decoded(...sides: number[]): Decoded {
  const masks = sides.map((side, index) => ({
    ...{ candidate: index + 1, predictedIou: 0.9, stabilityScore: 0.9 },
    ...{ lowRes: new Float32Array(16).fill(side), rle: rectangle(side) },
  }));
  return { masks, model: "tiny@1", rung: "server", decodeMs: 1, upsampleMs: 1 };
}

describe("a word", () => {
  let session: AnnotationSession;
  let clicks: {
    points: readonly PromptPoint[];
    previousLowRes: Float32Array | null;
    answer(...sides: number[]): void;
  }[];
  let read: ReadRequest[];
  let otherModels: number;
  /** Of the squares that are found. */
  let sides: number[];
  let wishes: Wanted[];
  const settle = () => new Promise((done) => setTimeout(done, 0));
  const state = () => session.store.getState();
  const saved = () => [...state().masks.values()];

  const ask = async (word: string, rest?: Partial<WordAnswer>) => {
    session.prompting.openWord();
    session.askWord(word);
    words.at(-1)!.answer(rest);
    await settle();
  };

  beforeEach(() => {
    words = [];
    clicks = [];
    read = [];
    wishes = [];
    otherModels = 0;
    sides = [4, 6, 9];
    const bridge: Pick<Services["bridge"], "decode" | "read"> = {
      decode: ({ prompts, previousLowRes }, signal) =>
        new Promise((resolve, reject) => {
          signal?.addEventListener("abort", () => reject(new SupersededError()));
          const answer = (...sides: number[]) => resolve(decoded(...sides));
          clicks.push({ points: prompts.points, previousLowRes, answer });
        }),
      read: (request) => {
        read.push(request);
        return Promise.resolve(decoded(...sides));
      },
    };
    const queue = {
      learn: () => undefined,
      wantAll: (_image: number, wanted: Wanted[]) => wishes.push(...wanted),
      book: { waitingFor: () => [] },
    };
    const opened = {
      changes: { masks: [], deleted: [], cursor: "1" },
      history: { save: () => undefined },
      steps: NO_STEPS,
    };
    session = new AnnotationSession({
      image,
      opened: opened as never,
      labelId: 1,
      labels: [label(1, "cat"), label(2, "Dog")],
      isClassFree: false,
      author: "ada",
      services: { bridge, queue, clock: new ActiveClock() } as unknown as Services,
      onConflict: () => undefined,
      onShow: () => undefined,
      onHint: () => undefined,
      onOtherModel: () => (otherModels += 1),
    });
    session.prompting.decoderReady();
  });

  it("is asked of the image and the model that is worked with, and seen to be waited for", () => {
    session.prompting.openWord();
    expect(session.getView().wordField).toEqual({ asked: null, failure: null });
    session.askWord(" dog ");
    session.askWord("dog");
    session.askWord("  ");
    expect(words).toHaveLength(1);
    expect(words[0]).toMatchObject({ imageId: 7, word: "dog", model: "tiny@1" });
    expect(session.getView().wordField?.asked).toBe("dog");
  });

  it("leads to candidates, which a click corrects with the logits of the chosen one, and to a saved mask", async () => {
    await ask("dog");
    expect(read).toMatchObject([{ image: "7", model: "tiny@1", prompts: 1 }]);
    expect(session.getView().wordField).toBeNull();
    expect(state().draft.candidates.map(({ mask }) => mask.area)).toEqual([16, 36, 81]);
    session.store.apply((now) => actions.candidateChosen(now, 1));
    const { lowRes } = state().draft.candidates[1]!;
    session.prompting.addPoint(imagePoint(6, 6), 1);
    await settle();
    expect(clicks[0]!.points).toHaveLength(1);
    expect(clicks[0]!.previousLowRes).toBe(lowRes);
    clicks[0]!.answer(7);
    await settle();
    session.accept(state().labelId, false);
    expect(saved()).toMatchObject([{ labelId: 2, model: "tiny@1", tool: "smart" }]);
    expect(saved()[0]!.mask.area).toBe(49);
    expect(saved()[0]!.prompts).toEqual({ points: [[6, 6, 1]], box: null, candidate: 1 });
    expect(wishes).toHaveLength(1);
  });

  it("is saved alone with no prompts, of the model", async () => {
    await ask("dog");
    session.accept(state().labelId, false);
    expect(saved()).toMatchObject([{ model: "tiny@1", predictedIou: 0.9 }]);
    expect(saved()[0]!.prompts).toEqual({ points: [], box: null, candidate: 1 });
  });

  describe("that is a label's name", () => {
    it("chooses that label for its mask only, and so again when that is undone and done again", async () => {
      await ask("dog");
      expect(state().labelId).toBe(2);
      session.undo();
      expect(state().labelId).toBe(1);
      session.redo();
      expect(state().labelId).toBe(2);
      session.cancel();
      expect(state().labelId).toBe(1);
    });

    it("leaves a label alone that somebody chose since", async () => {
      await ask("dog");
      session.store.apply((now) => actions.labelChosen(now, 5));
      session.accept(5, false);
      expect([saved()[0]!.labelId, state().labelId]).toEqual([5, 5]);
    });

    it("labels a mask that was accepted before the answer was there", async () => {
      session.askWord("Dog");
      session.accept(1, false);
      words[0]!.answer();
      await settle();
      expect(saved()).toMatchObject([{ labelId: 2 }]);
      expect(state().labelId).toBe(1);
    });
  });

  it("chooses no label where none is called so", async () => {
    await ask("horse");
    expect(state().labelId).toBe(1);
  });

  it("that the model has not learned says which is nearest", async () => {
    await ask("zebra", { nearest: { name: "horse", similarity: 0.4, isKnown: false } });
    expect(unknownWordNote(state().draft.word!)).toContain("“zebra”; nearest word: horse");
  });

  it("takes the place of the mask being made, and undoing brings that back", async () => {
    session.prompting.addPoint(imagePoint(1, 1), 1);
    await settle();
    clicks[0]!.answer(3);
    await settle();
    await ask("dog");
    expect(state().draft.prompts.points).toHaveLength(0);
    session.undo();
    expect(state().draft).toMatchObject({ word: null, prompts: { points: [{ label: 1 }] } });
  });

  it("says why it led to nothing, and leaves the mask being made and the field", async () => {
    session.askWord("zebra");
    words[0]!.refuse(new ApiError(409, "text.unknown_word", "Only its own words."));
    await settle();
    expect(session.getView().wordField).toEqual({
      asked: null,
      failure: { code: "text.unknown_word", message: "Only its own words." },
    });
    expect(state().draft.candidates).toHaveLength(0);
  });

  it("for what is not on the image says so, and offers what of the answer is something", async () => {
    sides = [0, 0, 0];
    await ask("zebra", { nearest: { name: "horse", similarity: 0.4, isKnown: false } });
    expect(session.getView().wordField?.failure).toEqual({
      code: "word.nothing_found",
      message: "Nothing here looks like “zebra”. The model has not learned “zebra”; nearest word: horse.",
    });
    expect(state().draft.candidates).toHaveLength(0);
    sides = [0, 6, 0];
    await ask("dog");
    expect(state().draft.candidates.map(({ mask }) => mask.area)).toEqual([36]);
  });

  describe("whose answer comes too late", () => {
    const answerLate = async () => {
      words[0]!.answer();
      await settle();
      expect(words[0]!.signal.aborted).toBe(true);
      expect(read).toHaveLength(0);
      expect(state().draft.word).toBeNull();
      expect(session.getView().wordField).toBeNull();
    };
    beforeEach(() => {
      session.prompting.openWord();
      session.askWord("dog");
    });

    it("is dropped where it was given up", async () => {
      expect(session.cancel()).toBe(true);
      await answerLate();
    });

    it("is dropped where the field was closed", async () => {
      expect(session.prompting.closeWord()).toBe(true);
      expect(session.prompting.closeWord()).toBe(false);
      await answerLate();
    });

    it("is dropped where somebody went on to another image", async () => {
      session.prompting.end();
      await answerLate();
    });

    it("is dropped where somebody clicked instead", async () => {
      session.prompting.addPoint(imagePoint(1, 1), 1);
      await answerLate();
      expect(clicks[0]!.previousLowRes).toBeNull();
      clicks[0]!.answer(3);
      await settle();
      expect(state().draft.candidates).toHaveLength(1);
    });
  });

  it("that another model answered is no mask to go on from", async () => {
    await ask("dog", { model: "tiny@2" });
    expect(session.getView().wordField?.failure?.code).toBe("word.other_model");
    expect(otherModels).toBe(1);
    expect(read).toHaveLength(0);
  });
});

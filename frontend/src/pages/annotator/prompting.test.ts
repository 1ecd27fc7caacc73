import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ImageDetail } from "../../api/types";
import type { ImageBox } from "../../geometry/boxes";
import { imagePoint } from "../../geometry/points";
import { SupersededError } from "../../inference/errors";
import type { Decoded } from "../../inference/protocol";
import { rectangleMask } from "../../masks/shapes";
import type { PromptRecord } from "../../sam/prompts";
import * as actions from "../../state/actions";
import { initialState } from "../../state/annotation";
import { maskEdited } from "../../state/editing";
import { refinementBegun } from "../../state/refinement";
import { AnnotationStore } from "../../state/store";
import { ACCEPTANCE, savedMask } from "../../state/testMasks";
import type { Services } from "../services";
import { Prompting } from "./prompting";
import { NOTHING_PROMPTED, type PromptingView } from "./promptingView";

const size = { height: 1000, width: 1000 };
const image = { id: 7, ...size, embedding: { model: { name: "tiny", version: "1" } } } as ImageDetail;
const rectangle = (side: number) => rectangleMask({ x0: 0, y0: 0, x1: side, y1: side }, size);

const windowEmbedded = { resolve: (): void => undefined };
vi.mock("../../api/crops", () => ({
  requestCrop: () =>
    new Promise((resolve) => {
      const embedding = { state: "ready", model: { name: "tiny", version: "1" } };
      windowEmbedded.resolve = () => resolve({ embedding, embedding_url: "" });
    }),
}));

const raw = {
  ...{ format: 2, name: "tiny", version: "1", image_size: 64, embedding_dtype: "float16" },
  ...{ embedding_shape: [1, 1, 2, 2], low_res_size: [4, 4], mask_threshold: 0, stability_offset: 1 },
  graphs: { prepare: { sha256: "p" }, click: { sha256: "c" } },
};
vi.mock("../../api/models", () => ({ fetchManifest: () => Promise.resolve(raw) }));

interface Asked {
  readonly image: string;
  readonly points: number;
  readonly box: ImageBox | null;
  readonly previousLowRes: Float32Array | null;
  answer(side: number): void;
}

function decoded(side: number): Decoded {
  const rle = rectangle(side);
  const mask = { candidate: 1, predictedIou: 0.9, stabilityScore: 0.9, lowRes: new Float32Array(4), rle };
  return { masks: [mask], model: "tiny@1", rung: "server", decodeMs: 1, upsampleMs: 1 };
}

describe("prompting", () => {
  let asked: Asked[];
  let store: AnnotationStore;
  let prompting: Prompting;
  let hovers: number;
  let isHandAtWork: boolean;
  const settle = () => new Promise((done) => setTimeout(done, 0));
  const area = () => store.getState().draft.candidates[0]?.mask.area;
  const click = (x: number) => prompting.addPoint(imagePoint(x, x), 1);

  beforeEach(() => {
    asked = [];
    hovers = 0;
    isHandAtWork = false;
    store = new AnnotationStore(initialState(size, [savedMask("a", rectangle(5))]), () => undefined);
    let view: PromptingView = NOTHING_PROMPTED;
    const decode: Services["bridge"]["decode"] = ({ image: key, prompts, previousLowRes }, signal) =>
      new Promise((resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new SupersededError()));
        const answer = (side: number) => resolve(decoded(side));
        asked.push({ image: key, points: prompts.points.length, box: prompts.box, previousLowRes, answer });
      });
    const bridge = {
      decode,
      hover: () => {
        hovers += 1;
        return new Promise<never>(() => undefined);
      },
      keepOpen: () => null,
      needsFiles: () => Promise.resolve(false),
      open: () => Promise.resolve(),
    } as unknown as Services["bridge"];
    prompting = new Prompting({
      image,
      services: { bridge, embeddings: null as unknown as Services["embeddings"] },
      store,
      view: () => view,
      show: (change) => (view = { ...view, ...change }),
      isHandAtWork: () => isHandAtWork,
      onBegun: () => undefined,
      onOtherModel: () => undefined,
    });
    prompting.hover(imagePoint(9, 9));
    expect(hovers).toBe(0);
    prompting.decoderReady();
  });

  it("previews what the pointer rests on as soon as it can", () => {
    expect(hovers).toBe(1);
    prompting.hover(null);
    prompting.decoderReady();
    expect(hovers).toBe(1);
  });

  it("finds the alternatives of a refined mask though the mouse moves", async () => {
    const prompts: PromptRecord = { points: [[1, 1, 1]], box: null, candidate: 0 };
    store.applyRemote((state) => {
      const masks = new Map(state.masks).set(
        "a",
        savedMask("a", rectangle(5), { prompts, predictedIou: 0.5 }),
      );
      return refinementBegun({ ...state, masks }, "a");
    });
    prompting.findAlternatives();
    await settle();
    prompting.hover(imagePoint(3, 3));
    asked[0]!.answer(8);
    await settle();
    expect(store.getState().draft.candidates).toHaveLength(2);
  });

  describe("a box around a small object", () => {
    beforeEach(async () => {
      prompting.lookCloserAtBoxes(true);
      prompting.setBox({ x0: 100, y0: 100, x1: 120, y1: 120 });
      await settle();
      asked[0]!.answer(10);
      await settle();
    });

    it("is sharpened though the mouse moves", async () => {
      windowEmbedded.resolve();
      await settle();
      prompting.hover(imagePoint(3, 3));
      expect(asked).toHaveLength(2);
      expect(asked[1]!.image).not.toBe(asked[0]!.image);
      asked[1]!.answer(11);
      await settle();
      expect(area()).toBe(121);
    });

    describe("that is moved by a pixel before its surroundings are there", () => {
      const moved = { x0: 101, y0: 100, x1: 121, y1: 120 };
      const answered = async (index: number, side: number) => {
        asked[index]!.answer(side);
        await settle();
      };
      beforeEach(async () => {
        prompting.change({ points: [], box: moved });
        await settle();
      });
      afterEach(async () => {
        expect(asked).toHaveLength(3);
        expect(asked[2]!.box).toEqual(moved);
        expect(asked[2]!.image).not.toBe(asked[1]!.image);
        await answered(2, 14);
        expect(area()).toBe(196);
      });

      it("is sharpened as it is then", async () => {
        await answered(1, 12);
        windowEmbedded.resolve();
        await settle();
      });

      it("is sharpened though its surroundings are there before its answer", async () => {
        windowEmbedded.resolve();
        await settle();
        await answered(1, 12);
      });

      it("is sharpened though it was in the hand again when they came, and was let go", async () => {
        await answered(1, 12);
        prompting.drag({ points: [], box: moved });
        windowEmbedded.resolve();
        await settle();
        // What the hand held is no part of the count.
        asked.pop();
        prompting.drag(null);
        await settle();
      });
    });

    it("keeps what a hand drew in its mask before its surroundings were there", async () => {
      store.apply((state) => maskEdited(state, rectangle(30)));
      windowEmbedded.resolve();
      await settle();
      expect(asked).toHaveLength(1);
      expect(area()).toBe(900);
    });

    it("stays as it is while a hand draws in its mask, whenever its surroundings come", async () => {
      const { draft } = store.getState();
      windowEmbedded.resolve();
      await settle();
      isHandAtWork = true;
      asked[1]!.answer(12);
      await settle();
      expect(store.getState().draft).toBe(draft);
    });

    it("is not asked for anew while a hand draws in its mask", async () => {
      isHandAtWork = true;
      windowEmbedded.resolve();
      await settle();
      expect(asked).toHaveLength(1);
    });

    it("is sharpened together with a click that came before its surroundings", async () => {
      click(110);
      await settle();
      windowEmbedded.resolve();
      await settle();
      asked[1]!.answer(12);
      await settle();
      expect(asked[2]).toMatchObject({ points: 1 });
      expect(asked[2]!.image).not.toBe(asked[1]!.image);
      asked[2]!.answer(13);
      await settle();
      expect(area()).toBe(169);
    });
  });

  it("gives no model the answer of another one for a prompt", async () => {
    click(1);
    await settle();
    asked[0]!.answer(3);
    await settle();
    const [first] = store.getState().draft.candidates;
    prompting.workWith({
      ...image,
      embedding: { ...image.embedding, model: { name: "tiny", version: "2" } },
    });
    click(2);
    await settle();
    expect(first!.lowRes).toHaveLength(4);
    expect(asked[1]!.previousLowRes).toHaveLength(16);
  });

  describe("a mask that is accepted while it is decoded", () => {
    const accept = () =>
      prompting.close(() => store.apply((state) => actions.draftAccepted(state, ACCEPTANCE)));
    beforeEach(async () => {
      click(1);
      await settle();
      accept();
    });

    it("is saved as it was answered, and a click that comes meanwhile is the next mask's", async () => {
      click(30);
      accept();
      asked[0]!.answer(10);
      await settle();
      expect(store.getState().masks.get("new")!.mask.area).toBe(100);
      expect(asked[1]).toMatchObject({ points: 1 });
      asked[1]!.answer(20);
      await settle();
      expect(area()).toBe(400);
    });

    it("is given up with its decode, and what waited for it as well", async () => {
      click(30);
      expect(prompting.cancel()).toBe(true);
      await settle();
      expect(store.getState().masks.has("new")).toBe(false);
      expect(asked).toHaveLength(1);
      expect(prompting.closed).toBeNull();
    });

    it("is not changed any more", async () => {
      prompting.drag({ points: [], box: { x0: 0, y0: 0, x1: 9, y1: 9 } });
      prompting.change({ points: [], box: { x0: 0, y0: 0, x1: 9, y1: 9 } });
      asked[0]!.answer(10);
      await settle();
      expect(store.getState().masks.get("new")!.mask.area).toBe(100);
      expect(asked).toHaveLength(1);
    });
  });
});

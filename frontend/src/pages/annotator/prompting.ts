import type { ImageDetail } from "../../api/types";
import type { ImageBox } from "../../geometry/boxes";
import type { ImagePoint } from "../../geometry/points";
import { describeFailure, SupersededError } from "../../inference/errors";
import type { Decoded } from "../../inference/protocol";
import { imageKey } from "../../inference/imageKeys";
import { indexMask } from "../../masks/columns";
import { promptCount, type PointLabel, type Prompts } from "../../sam/prompts";
import * as actions from "../../state/actions";
import {
  chosenCandidate,
  hasDraft,
  type AnnotationState,
  type Candidate,
  type Draft,
} from "../../state/annotation";
import {
  alternativesFound,
  candidateToChoose,
  draftSharpened,
  maskPromptBase,
  promptsCleared,
  type PromptChange,
} from "../../state/refinement";
import type { AnnotationStore } from "../../state/store";
import { wordAnswered } from "../../state/words";
import type { Services } from "../services";
import { Asking, type Question } from "./asking";
import { CloserLook, type Outlook } from "./closerLook";
import { MaskPrompts } from "./maskPrompts";
import { isAsking, NOTHING_PROMPTED, type PromptingView } from "./promptingView";
import { findWord, type FoundWord } from "./words";

interface PromptingHost {
  readonly image: ImageDetail;
  readonly services: Pick<Services, "bridge" | "embeddings">;
  readonly store: AnnotationStore;
  view(): PromptingView;
  show(change: Partial<PromptingView>): void;
  /** Whether a gesture by hand is changing a mask right now: it would be lost if that mask changed under it. */
  isHandAtWork(): boolean;
  /** Somebody has begun to look for a mask; told more than once. */
  onBegun(): void;
  /** The server works with another model on this image than is worked with here. */
  onOtherModel(): void;
}

/** Takes prompts to the decoder and its answers into the store. */
export class Prompting {
  private readonly whole: Outlook;
  private readonly maskPrompts: MaskPrompts;
  private readonly closer: CloserLook;
  private image: ImageDetail;
  private readonly asking = new Asking();
  private hoverAbort: AbortController | null = null;
  private pointedAt: ImagePoint | null = null;
  private dragAbort: AbortController | null = null;
  /** Better or further answers to the draft's prompts, on their way behind it. */
  private followUp: AbortController | null = null;
  private isDecoderReady = false;
  private looksCloser = false;

  constructor(private readonly host: PromptingHost) {
    const { image, services } = host;
    this.image = image;
    this.whole = { key: imageKey(image.id), window: null };
    this.maskPrompts = new MaskPrompts(image);
    this.closer = new CloserLook(
      image,
      services,
      (look) => host.show({ look }),
      () => host.onOtherModel(),
    );
  }

  get isReady(): boolean {
    return this.isDecoderReady;
  }

  /** What the pointer rests on is previewed at once. */
  decoderReady(): void {
    this.isDecoderReady = true;
    if (this.pointedAt) this.hover(this.pointedAt);
  }

  /** The image has another embedding, maybe of another model: what comes from now on is decoded with it. */
  workWith(image: ImageDetail): void {
    this.image = image;
    this.maskPrompts.workWith(image);
    this.closer.workWith(image);
  }

  /** Whether boxes around small objects are decoded once more, from their surroundings alone. */
  lookCloserAtBoxes(isWanted: boolean): void {
    this.looksCloser = isWanted;
    if (!isWanted) this.closer.end();
  }

  /** Nothing is decoded any more. */
  end(): void {
    this.cancel();
    this.drag(null);
    this.hoverAbort?.abort();
    this.followUp?.abort();
    this.closer.end();
  }

  /** The mask being made is accepted or given up. */
  doneWithObject(): void {
    this.closer.end();
  }

  /** Previews the mask under a pixel; only while nothing is being made, so that the draft does not flicker. */
  hover(pixel: ImagePoint | null): void {
    const { services, store } = this.host;
    this.pointedAt = pixel;
    this.hoverAbort?.abort();
    this.hoverAbort = null;
    const isBusy = isAsking(this.host.view()) || hasDraft(store.getState().draft);
    if (!pixel || !this.isDecoderReady || isBusy) {
      if (this.host.view().preview) this.host.show({ preview: null });
      return;
    }
    this.host.onBegun();
    const abort = new AbortController();
    this.hoverAbort = abort;
    const prompts: Prompts = { points: [{ point: pixel, label: 1 }], box: null };
    services.bridge.hover({ image: this.whole.key, prompts, previousLowRes: null }, abort.signal).then(
      (decoded) =>
        this.host.show({ preview: candidatesOf(decoded)[0] ?? null, ...timesOf(decoded), failure: null }),
      (error: unknown) => this.fail(error),
    );
  }

  addPoint(pixel: ImagePoint, label: PointLabel): void {
    this.asking.whenClosed(() => {
      const prompts = this.current();
      this.ask({ ...prompts, points: [...prompts.points, { point: pixel, label }] }, "added");
    });
  }

  setBox(box: ImageBox): void {
    this.asking.whenClosed(() => this.ask({ ...this.current(), box }, "added"));
  }

  /**
   * Ends the mask being made by `work`, after the answer on its way, if any. A click or a box that comes before that is
   * for the next mask and waits. Giving up the answer gives up the work.
   */
  close(work: () => void): void {
    this.asking.close(work);
  }

  /** Resolves when the mask being made is closed; null when none is being closed. */
  get closed(): Promise<void> | null {
    return this.asking.closed;
  }

  /** Shows the mask of prompts under the hand, as fast as they can be decoded; null gives the drag up. */
  drag(prompts: Prompts | null): void {
    if (!prompts) {
      if (!this.dragAbort) return;
      this.dragAbort.abort();
      this.dragAbort = null;
      this.host.show({ dragged: null, pending: null });
      this.sharpen();
      return;
    }
    // What is being closed is no longer to be changed.
    if (!this.isDecoderReady || this.asking.closed) return;
    this.hoverAbort?.abort();
    this.followUp?.abort();
    this.asking.giveUp();
    // One controller for the whole drag: answers that come late are still nearer to the hand than none.
    const { signal } = (this.dragAbort ??= new AbortController());
    this.host.show({ pending: prompts, preview: null, wordField: null });
    this.decode(prompts, "changed", signal).then(
      ({ candidates, chosen, decoded }) => {
        if (!signal.aborted) this.host.show({ dragged: candidates[chosen] ?? null, ...timesOf(decoded) });
      },
      (error: unknown) => this.fail(error),
    );
  }

  peek(candidate: Candidate | null): void {
    if (candidate !== this.host.view().peeked) this.host.show({ peeked: candidate });
  }

  /** Clicks or the box were moved, turned or removed. */
  change(prompts: Prompts): void {
    if (this.asking.closed) return;
    if (promptCount(prompts) > 0) {
      this.ask(prompts, "changed");
      return;
    }
    this.cancel();
    this.host.store.apply(promptsCleared);
  }

  /** Asks again with the prompts that came back with a saved mask, for the candidates that were not saved. */
  findAlternatives(): void {
    const { draft } = this.host.store.getState();
    if (!this.isDecoderReady || promptCount(draft.prompts) === 0) return;
    this.follow(draft, (state, { candidates }) => alternativesFound(state, draft, candidates));
  }

  /** Opens the field for a word. */
  openWord(): void {
    if (!this.host.view().wordField) this.host.show({ wordField: { asked: null, failure: null } });
  }

  /** Closes the field, giving up the word that was asked for. Returns whether it was open. */
  closeWord(): boolean {
    const { wordField } = this.host.view();
    if (!wordField) return false;
    if (wordField.asked !== null) this.cancel();
    this.host.show({ wordField: null });
    return true;
  }

  /** Asks the server for masks of what a word names. They take the place of the mask being made, one step to undo. */
  askWord(text: string): void {
    const word = text.trim();
    if (!this.isDecoderReady || word === "" || this.host.view().wordField?.asked === word) return;
    this.asking.whenClosed(() => {
      const { services, store } = this.host;
      const { image } = this;
      const shown = {
        pending: null,
        dragged: null,
        preview: null,
        wordField: { asked: word, failure: null },
      };
      this.begin(shown, {
        find: (signal) => findWord(services.bridge, image, word, () => this.host.onOtherModel(), signal),
        take: ({ nearest, decoded }: FoundWord) => {
          const candidates = candidatesOf(decoded);
          this.maskPrompts.note(candidates, this.whole);
          // The surroundings of a box are nothing to a word.
          this.closer.end();
          store.apply((state) => wordAnswered(state, { word, nearest }, candidates));
          this.host.show({ ...NOTHING_PROMPTED, lastDecode: this.host.view().lastDecode });
        },
        fail: (error) => this.host.show({ wordField: { asked: null, failure: describeFailure(error) } }),
      });
    });
  }

  /** Gives up the decode on its way. Returns whether there was one. */
  cancel(): boolean {
    if (!this.asking.giveUp()) return false;
    this.host.show({ pending: null, dragged: null, wordField: null });
    this.sharpen();
    return true;
  }

  private current(): Prompts {
    return this.host.view().pending ?? this.host.store.getState().draft.prompts;
  }

  private ask(prompts: Prompts, change: PromptChange): void {
    if (!this.isDecoderReady || promptCount(prompts) === 0) return;
    // Whoever clicks waits for no word any more.
    this.begin(
      { pending: prompts, wordField: null },
      {
        find: (signal) => this.decode(prompts, change, signal),
        take: ({ candidates, chosen, decoded }) => {
          this.host.store.apply((state) => actions.draftDecoded(state, prompts, candidates, chosen));
          this.host.show({ ...NOTHING_PROMPTED, look: this.host.view().look, ...timesOf(decoded) });
          void this.lookCloser(prompts);
        },
        fail: (error) => {
          this.host.show({ pending: null, dragged: null });
          this.fail(error);
        },
      },
    );
  }

  private begin<Found>(shown: Partial<PromptingView>, question: Question<Found>): void {
    this.host.onBegun();
    this.hoverAbort?.abort();
    this.followUp?.abort();
    this.dragAbort?.abort();
    this.dragAbort = null;
    this.asking.giveUp();
    this.host.show(shown);
    this.asking.ask(question);
  }

  private async decode(prompts: Prompts, change: PromptChange, signal: AbortSignal) {
    const state = this.host.store.getState();
    const base = maskPromptBase(state, change);
    const outlook = this.closer.outlook(prompts);
    const previousLowRes = await this.maskPrompts.logits(base, outlook);
    const { bridge } = this.host.services;
    const decoded = await bridge.decode({ image: outlook.key, prompts, previousLowRes }, signal);
    const candidates = candidatesOf(decoded);
    this.maskPrompts.note(candidates, outlook);
    return { decoded, candidates, chosen: candidateToChoose(state, candidates, prompts, change, base) };
  }

  /** A box around a small object is decoded once more from its surroundings alone, and the better mask shown. */
  private async lookCloser({ box }: Prompts): Promise<void> {
    if (!box || !this.looksCloser || !(await this.closer.at(box))) return;
    // What came meanwhile went to the whole image as well: its answer is what is sharpened.
    await this.asking.settled();
    this.sharpen();
  }

  /**
   * Decodes the draft's prompts from the surroundings of its box as they are now, where they were decoded from the
   * whole image. A mask that a hand drew in, or a saved one that nothing was changed of, stays as it is.
   */
  private sharpen(): void {
    if (this.asking.isPending || this.dragAbort || this.host.isHandAtWork()) return;
    const { draft, masks } = this.host.store.getState();
    const outlook = this.closer.outlook(draft.prompts);
    const chosen = chosenCandidate(draft);
    const refined = draft.refinedId === null ? undefined : masks.get(draft.refinedId);
    if (!draft.prompts.box || !outlook.window || !chosen || chosen.mask === refined?.mask) return;
    if (!this.maskPrompts.isFromElsewhere(chosen, outlook)) return;
    this.follow(draft, (state, answer) =>
      this.host.isHandAtWork() ? state : draftSharpened(state, draft, answer.candidates, answer.chosen),
    );
  }

  /** Decodes a draft's prompts once more. Pointing elsewhere does not end it, only what changes the draft does. */
  private follow(
    draft: Draft,
    take: (state: AnnotationState, answer: { candidates: Candidate[]; chosen: number }) => AnnotationState,
  ): void {
    this.followUp?.abort();
    const abort = new AbortController();
    this.followUp = abort;
    this.decode(draft.prompts, "changed", abort.signal).then(
      // Nobody did this: it is no step to undo.
      (answer) => this.host.store.applyRemote((state) => take(state, answer)),
      (error: unknown) => this.fail(error),
    );
  }

  private fail(error: unknown): void {
    if (!(error instanceof SupersededError)) {
      this.host.show({ preview: null, failure: describeFailure(error) });
    }
  }
}

function candidatesOf(decoded: Decoded): Candidate[] {
  return decoded.masks.map(({ candidate, predictedIou, stabilityScore, lowRes, rle }) => ({
    candidate,
    predictedIou,
    stabilityScore,
    lowRes,
    mask: indexMask(rle),
    model: decoded.model,
  }));
}

function timesOf({ rung, decodeMs, upsampleMs }: Decoded): Pick<PromptingView, "lastDecode"> {
  return { lastDecode: { rung, decodeMs, upsampleMs } };
}

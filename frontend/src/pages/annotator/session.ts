import { ApiError } from "../../api/errors";
import type { ImageDetail, Mask } from "../../api/types";
import type { ImageBox } from "../../geometry/boxes";
import { imageKey } from "../../inference/imageKeys";
import type { Prompts } from "../../sam/prompts";
import * as actions from "../../state/actions";
import { chosenCandidate, hasDraft, initialState, type SavedMask } from "../../state/annotation";
import { editTarget } from "../../state/editing";
import { maskOperated, type MaskOperation } from "../../state/maskOperations";
import { refinementBegun } from "../../state/refinement";
import { masksRead } from "../../state/remoteMasks";
import { AnnotationStore } from "../../state/store";
import type { Services } from "../services";
import { Copying } from "./copying";
import { HandEditing, type EditedMask } from "./handEditing";
import { NOTHING_PROMPTED, Prompting, type PromptingView } from "./prompting";
import { Proposing, type ProposingView } from "./proposing";
import { savedMaskOf } from "./records";

/** What the session shows besides the store. */
export interface SessionView extends PromptingView, ProposingView {
  /** The mask a gesture by hand is changing right now. */
  readonly edited: EditedMask | null;
}

interface SessionOptions {
  readonly image: ImageDetail;
  readonly masks: readonly Mask[];
  readonly labelId: number | null;
  /** Labels of the project. */
  readonly labelIds: ReadonlySet<number>;
  readonly author: string;
  readonly services: Services;
  readonly onConflict: (message: string) => void;
  readonly onHint: (message: string) => void;
}

/** One image being annotated: prompts go to the decoder, answers into the store, accepted masks into the queue. */
export class AnnotationSession {
  readonly store: AnnotationStore;
  readonly hand: HandEditing;
  readonly prompting: Prompting;
  readonly copying: Copying;
  readonly proposing: Proposing;
  private view: SessionView = { ...NOTHING_PROMPTED, edited: null, proposing: null };
  private readonly listeners = new Set<() => void>();
  private readonly model: string;
  private startedAt: number | null = null;
  /** Masks changed here since the image was opened: what was read before they were saved says nothing of them. */
  private readonly changedIds = new Set<string>();

  constructor(private readonly options: SessionOptions) {
    const { image, masks, services } = options;
    this.model = `${image.embedding.model.name}@${image.embedding.model.version}`;
    for (const mask of masks) services.queue.learn(mask.id, mask.revision);
    this.store = new AnnotationStore(this.startingState(), (changes) => {
      for (const { id, after } of changes.masks) {
        this.changedIds.add(id);
        services.queue.want(id, image.id, after);
      }
    });
    this.hand = new HandEditing(
      this.store,
      (edited) => {
        // A decode on its way would replace what is being drawn.
        if (edited) this.prompting.cancel();
        if (edited?.id === null) this.startedAt ??= performance.now();
        this.show({ edited, preview: null });
      },
      options.onHint,
    );
    this.proposing = new Proposing({
      store: this.store,
      bridge: services.bridge,
      imageKey: imageKey(image.id),
      model: this.model,
      author: options.author,
      view: this.getView,
      show: (change) => this.show(change),
      onHint: options.onHint,
    });
    this.copying = new Copying({
      store: this.store,
      clipboard: services.clipboard,
      author: options.author,
      labelIds: options.labelIds,
      onHint: options.onHint,
    });
    this.prompting = new Prompting({
      image,
      services,
      store: this.store,
      view: this.getView,
      show: (change) => this.show(change),
      onBegun: () => (this.startedAt ??= performance.now()),
    });
  }

  /** Listens for what colleagues did. Returns the end of the session: nothing is decoded any more. */
  enter(): () => void {
    const leave = this.options.services.onConflict(this.options.image.id, (id, error) =>
      this.yieldTo(id, error),
    );
    const carried = this.options.services.clipboard.unload(this.options.image.id);
    if (carried) this.copying.paste(carried);
    return () => {
      leave();
      this.prompting.end();
      this.proposing.dismiss();
    };
  }

  /** What the server holds now, where the image was opened with masks that had been prefetched. */
  masksRead(masks: readonly Mask[]): void {
    const { image, masks: known, services } = this.options;
    if (masks === known) return;
    const revisions = new Map(known.map(({ id, revision }) => [id, revision]));
    const ours = new Set([...this.changedIds, ...services.queue.waitingFor(image.id).keys()]);
    const { masks: shown } = this.store.getState();
    const read = masks
      .filter(({ id }) => !ours.has(id))
      .map((mask) => {
        services.queue.learn(mask.id, mask.revision);
        const same = revisions.get(mask.id) === mask.revision ? shown.get(mask.id) : undefined;
        return same ?? savedMaskOf(mask);
      });
    this.store.applyRemote((state) => masksRead(state, read, ours));
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getView = (): SessionView => this.view;

  /** The selected mask becomes the mask being made, with its prompts; accepting saves its next revision. */
  refine(): boolean {
    const { selectedId } = this.store.getState();
    if (selectedId === null || !this.prompting.isReady) return false;
    this.prompting.cancel();
    this.startedAt = performance.now();
    this.store.apply((state) => refinementBegun(state, selectedId));
    this.prompting.findAlternatives();
    return true;
  }

  /** Cleans up the mask worked on, or combines the selected ones. */
  operate(operation: MaskOperation): void {
    const before = this.store.getState();
    this.store.apply((state) => maskOperated(state, operation, () => crypto.randomUUID()));
    if (this.store.getState() !== before) return;
    this.options.onHint(editTarget(before) ? "That changes nothing here." : "Select a mask first.");
  }

  /** Proposes everything under the box that was drawn, else in `region`. */
  proposeIn(region: ImageBox | null): void {
    if (!this.prompting.isReady) {
      this.options.onHint("The decoder is not ready yet.");
      return;
    }
    const box = this.store.getState().draft.prompts.box ?? region;
    this.cancel();
    this.prompting.hover(null);
    if (box) void this.proposing.start(box);
  }

  /** Saves the chosen candidate with a label, after the decode on its way, if any. */
  async accept(labelId: number, yields: boolean): Promise<void> {
    this.hand.finish();
    await this.prompting.settled();
    const secondsSpent = this.startedAt === null ? 0 : (performance.now() - this.startedAt) / 1000;
    const before = this.store.getState();
    const acceptance = {
      id: crypto.randomUUID(),
      labelId,
      model: this.model,
      secondsSpent,
      author: this.options.author,
      yields,
    };
    this.store.apply((state) => actions.draftAccepted(state, acceptance));
    if (this.store.getState() !== before) {
      this.startedAt = null;
      this.prompting.doneWithObject();
    } else if (yields && chosenCandidate(before.draft)) {
      this.options.onHint("Other masks cover all of this one: nothing of it is left. Y lets masks overlap.");
    }
  }

  /** Gives up the mask being made. Returns whether there was one. */
  cancel(): boolean {
    const wasPending = this.prompting.cancel();
    this.prompting.doneWithObject();
    const hadDraft = hasDraft(this.store.getState().draft);
    if (hadDraft) this.store.apply(actions.draftCancelled);
    this.startedAt = null;
    return wasPending || hadDraft;
  }

  undo(): void {
    this.hand.finish();
    if (!this.prompting.cancel()) this.store.undo();
  }

  redo(): void {
    this.store.redo();
  }

  /** Somebody else's version of a mask takes the place of ours. */
  private yieldTo(id: string, error: unknown): void {
    const extra = error instanceof ApiError ? (error.extra as { current?: Mask | null }) : {};
    const current = extra.current ?? null;
    if (current) this.options.services.queue.learn(id, current.revision);
    this.store.applyRemote((state) => actions.maskReplaced(state, id, current ? savedMaskOf(current) : null));
    this.options.onConflict(
      current
        ? "Somebody else changed this mask first. Their version is shown; yours was not saved."
        : "Somebody else deleted this mask. Your change was not saved.",
    );
  }

  private startingState() {
    const { image, masks, labelId, services } = this.options;
    const all = new Map<string, SavedMask>(masks.map((mask) => [mask.id, savedMaskOf(mask)]));
    for (const [id, waiting] of services.queue.waitingFor(image.id)) {
      if (waiting) all.set(id, waiting);
      else all.delete(id);
    }
    return { ...initialState({ height: image.height, width: image.width }, [...all.values()]), labelId };
  }

  private show(change: Partial<SessionView>): void {
    this.view = { ...this.view, ...change };
    for (const listener of this.listeners) listener();
  }
}

/** What the canvas draws as prompts: those on their way, or those of the draft. */
export function shownPrompts(view: SessionView, draft: { readonly prompts: Prompts }): Prompts {
  return view.pending ?? draft.prompts;
}

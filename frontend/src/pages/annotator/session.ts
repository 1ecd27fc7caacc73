import { Listeners } from "../../common/listeners";
import type { ImageDetail, Label, Mask } from "../../api/types";
import type { ImageBox } from "../../geometry/boxes";
import { imageKey } from "../../inference/imageKeys";
import { modelKey } from "../../sam/manifest";
import * as actions from "../../state/actions";
import { chosenCandidate, hasDraft } from "../../state/annotation";
import { defaultsOf } from "../../state/attributes";
import { editTarget } from "../../state/editing";
import { wishesOf } from "../../state/decisions";
import type { ChangeSet, Taken } from "../../state/history";
import { maskOperated, type MaskOperation } from "../../state/maskOperations";
import type { Conflict } from "../../state/pendingChange";
import type { Proposal } from "../../state/proposals";
import { fixBegun, refinementBegun } from "../../state/refinement";
import { AnnotationStore } from "../../state/store";
import type { Hint } from "../../tools/keymap";
import type { Services } from "../services";
import { Colleagues } from "./colleagues";
import { conflictNotice, decideConflict, type ConflictChoice } from "./conflicts";
import { Copying } from "./copying";
import { HandEditing } from "./handEditing";
import { Prompting } from "./prompting";
import { Proposing } from "./proposing";
import { RunProposals } from "./runProposals";
import type { OpenedMasks } from "./openMasks";
import { deletedMaskOf, knownOf, serverMaskOf } from "./records";
import { NOTHING_SHOWN, type SessionView } from "./sessionView";
import { startingState } from "./startingState";
import { stepHint } from "./stepHint";
import { WordLabels } from "./wordLabels";

interface SessionOptions {
  readonly image: ImageDetail;
  readonly opened: OpenedMasks;
  readonly labelId: number | null;
  /** Masks get no label. */
  readonly isClassFree: boolean;
  /** Labels of the project, as they are when one comes. */
  readonly labels: readonly Label[];
  readonly author: string;
  readonly services: Services;
  readonly onConflict: (message: string) => void;
  /** Brings a box of the image into view, unless it is. */
  readonly onShow: (box: ImageBox) => void;
  readonly onHint: (hint: Hint) => void;
  /** The server works with another model on this image than is worked with here. */
  readonly onOtherModel: () => void;
}

/** One image being annotated: prompts go to the decoder, answers into the store, accepted masks into the queue. */
export class AnnotationSession {
  readonly store: AnnotationStore;
  readonly hand: HandEditing;
  readonly prompting: Prompting;
  readonly copying: Copying;
  readonly proposing: Proposing;
  readonly runProposals: RunProposals;
  private view = NOTHING_SHOWN;
  private readonly listeners = new Listeners();
  readonly subscribe = this.listeners.subscribe;
  private readonly colleagues: Colleagues;
  private model: string;
  /** When the mask being made was begun, in seconds at work. */
  private startedAt: number | null = null;
  /** Where the walk through the proposals goes on after the one that is being put right. */
  private afterFix: Proposal | null = null;
  private labels: readonly Label[];

  constructor(private readonly options: SessionOptions) {
    this.labels = options.labels;
    const { image, opened, services } = options;
    const { queue } = services;
    this.model = modelKey(image.embedding.model);
    for (const mask of opened.changes.masks) queue.learn(mask.id, knownOf(mask));
    for (const tombstone of opened.changes.deleted) queue.learn(tombstone.id, deletedMaskOf(tombstone).known);
    this.store = new AnnotationStore(
      startingState(image, opened, options.labelId, queue.book),
      (changes, way) => this.report(changes, way === "undo"),
      opened.steps,
    );
    new WordLabels(this.store, () => (options.isClassFree ? [] : this.labels));
    this.colleagues = new Colleagues({
      imageId: image.id,
      cursor: opened.changes.cursor,
      store: this.store,
      queue,
      isInHand: (id) => {
        const { refinedId, proposal } = this.store.getState().draft;
        return refinedId === id || proposal?.id === id || this.view.edited?.id === id;
      },
      onLoggedOut: () => services.session.ended(),
      onAnswered: () => void services.session.answered(),
    });
    this.hand = new HandEditing(
      this.store,
      (edited) => {
        this.show({ edited, preview: null });
        // A decode on its way would replace what is being drawn.
        if (edited) this.prompting.cancel();
        if (edited?.id === null) this.begin();
      },
      options.onHint,
    );
    this.proposing = new Proposing({
      store: this.store,
      bridge: services.bridge,
      imageKey: imageKey(image.id),
      model: () => this.model,
      author: options.author,
      labels: () => this.labels,
      view: this.getView,
      show: (change) => this.show(change),
      worked: () => this.worked(),
      onShow: options.onShow,
      onHint: options.onHint,
    });
    this.runProposals = new RunProposals({
      imageId: image.id,
      store: this.store,
      book: queue.book,
      show: (change) => this.show(change),
      onLoggedOut: () => services.session.ended(),
    });
    this.copying = new Copying({
      store: this.store,
      clipboard: services.clipboard,
      author: options.author,
      labels: () => this.labels,
      onHint: options.onHint,
    });
    this.prompting = new Prompting({
      image,
      services,
      store: this.store,
      view: this.getView,
      show: (change) => this.show(change),
      isHandAtWork: () => this.view.edited !== null,
      onBegun: () => this.begin(),
      onOtherModel: options.onOtherModel,
    });
  }

  /** Listens for what colleagues did. Returns the end of the session: nothing is decoded any more. */
  enter(): () => void {
    const { services, image, opened, onConflict } = this.options;
    const leaveColleagues = this.colleagues.enter();
    const leaveProposals = this.runProposals.enter();
    // Of other images as well: what one made there may be sent only now.
    const leaveConflicts = services.queue.onNews((_news, conflict) => {
      if (conflict) onConflict(conflictNotice(conflict, image.id));
    });
    let kept = this.store.steps;
    const leaveStore = this.store.subscribe(() => {
      if (this.store.steps !== kept) opened.history.save((kept = this.store.steps));
    });
    const carried = services.clipboard.unload(image.id);
    if (carried) this.copying.paste(carried);
    const leave = () => {
      leaveStore();
      leaveConflicts();
      leaveColleagues();
      leaveProposals();
      this.prompting.end();
      this.proposing.search.dismiss();
    };
    return () => {
      // A mask that is only waiting for its decode is saved first.
      const { closed } = this.prompting;
      if (closed) void closed.then(leave);
      else leave();
    };
  }

  /** The project's labels changed: new masks get the attributes they have now. */
  learnLabels(labels: readonly Label[]): void {
    this.labels = labels;
  }

  /** The image has another embedding, maybe of another model. Not in the middle of a mask. */
  workWith(image: ImageDetail): void {
    this.model = modelKey(image.embedding.model);
    this.prompting.workWith(image);
  }

  getView = (): SessionView => this.view;

  /** When the mask being made was begun, in seconds at work; null where none is. */
  get makingSince(): number | null {
    return this.startedAt;
  }

  /** For a reason that is told to who tries, masks may only be looked at; null opens them again. */
  readOnly(reason: string | null): void {
    this.store.refuseChanges(reason === null ? null : () => this.options.onHint(reason));
  }

  /** The selected mask becomes the mask being made, with its prompts; accepting saves its next revision. */
  refine(): boolean {
    const { selectedId } = this.store.getState();
    if (selectedId === null || !this.prompting.isReady) return false;
    this.hand.finish();
    this.prompting.cancel();
    this.startedAt = this.worked();
    this.store.apply((state) => refinementBegun(state, selectedId));
    this.prompting.findAlternatives();
    return true;
  }

  /** The proposal that keys decide about becomes the mask being made; accepting saves it under the proposal's id. */
  fix(): boolean {
    const { current } = this.proposing;
    if (!current) return false;
    this.hand.finish();
    this.prompting.cancel();
    this.startedAt = this.worked();
    this.afterFix = this.proposing.following();
    this.store.apply((state) => fixBegun(state, current.id));
    this.prompting.findAlternatives();
    return true;
  }

  /** Cleans up the mask worked on, or combines the selected ones. */
  operate(operation: MaskOperation): void {
    this.hand.finish();
    const { author } = this.options;
    const before = this.store.getState();
    this.store.apply((state) => maskOperated(state, operation, { author, newId: () => crypto.randomUUID() }));
    if (this.store.getState() !== before) return;
    this.options.onHint(editTarget(before) ? "That changes nothing here." : "Select a mask first.");
  }

  /** Asks for masks of what a word names. */
  askWord(word: string): void {
    this.hand.finish();
    this.prompting.askWord(word);
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
    if (box) this.proposing.start(box);
  }

  /** Saves the chosen candidate with a label, or without one to be labelled later, after the decode on its way, if any. */
  accept(labelId: number | null, yields: boolean): void {
    this.hand.finish();
    // The answer to a word may bring a label.
    const asked = this.view.wordField?.asked ?? null;
    const given = () => (asked === null ? labelId : this.store.getState().labelId);
    this.prompting.close(() => this.acceptDraft(given(), yields));
  }

  private acceptDraft(labelId: number | null, yields: boolean): void {
    const secondsSpent = this.startedAt === null ? 0 : this.worked() - this.startedAt;
    const before = this.store.getState();
    const acceptance = {
      id: crypto.randomUUID(),
      labelId,
      attributes: defaultsOf(this.labels, labelId),
      model: this.model,
      secondsSpent,
      author: this.options.author,
      yields,
    };
    this.store.apply((state) => actions.draftAccepted(state, acceptance));
    if (this.store.getState() !== before) {
      this.startedAt = null;
      this.prompting.doneWithObject();
      this.proposing.decided();
      const { proposal } = before.draft;
      if (proposal) this.proposing.fixed(proposal.id, this.afterFix);
    } else if (actions.isDraftLocked(before)) {
      this.options.onHint("The mask that is refined is locked. Unlock it to save the changes.");
    } else if (yields && chosenCandidate(before.draft)) {
      this.options.onHint(
        "Other masks cover all of this one: nothing of it is left. Let masks overlap (status bar) to keep it.",
      );
    }
  }

  /** Gives up the mask being made. Returns whether there was one. */
  cancel(): boolean {
    const wasPending = this.prompting.cancel();
    this.prompting.doneWithObject();
    const { draft } = this.store.getState();
    const hadDraft = hasDraft(draft);
    if (hadDraft) this.store.apply(actions.draftCancelled);
    if (draft.proposal) this.proposing.fixed(draft.proposal.id, null);
    this.startedAt = null;
    return wasPending || hadDraft;
  }

  undo(): void {
    this.hand.finish();
    if (!this.prompting.cancel()) this.tell(this.store.undo());
  }

  redo(): void {
    this.hand.finish();
    // A mask that is being saved is newer than what was undone, and forgets it.
    if (this.prompting.closed || !this.store.canRedo) return;
    // So would the answer to a click that is on its way, and the rest could not be done again.
    this.prompting.cancel();
    this.tell(this.store.redo());
  }

  decide(conflict: Conflict, choice: ConflictChoice): void {
    const { services, author } = this.options;
    void decideConflict(this.store, services.queue, conflict, choice, author);
  }

  /** The server told a mask in answer to a request that went past the store; the feed would tell it a little later. */
  told(mask: Mask): void {
    this.colleagues.receive(mask.id, serverMaskOf(mask));
  }

  /** Seconds the person has been at work in this tab. */
  private worked(): number {
    return this.options.services.clock.seconds(performance.now());
  }

  /** A mask is begun, unless one is being made. */
  private begin(): void {
    this.startedAt ??= this.worked();
  }

  private tell(taken: Taken): void {
    const hint = stepHint(taken);
    if (hint !== null) this.options.onHint(hint);
  }

  /** What a change makes of masks and decides about proposals is on its way to the server from now on. */
  private report(changes: ChangeSet, isUndo: boolean): void {
    const { image, services } = this.options;
    const wishes = wishesOf(changes, isUndo);
    if (wishes.length === 0) return;
    services.queue.wantAll(image.id, wishes);
    this.runProposals.reopened(
      wishes.flatMap(({ maskId, decision }) => (decision === "reopen" ? [maskId] : [])),
    );
  }

  private show(change: Partial<SessionView>): void {
    this.view = { ...this.view, ...change };
    this.listeners.tell();
  }
}

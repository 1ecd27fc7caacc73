import type { ImageDetail, Label } from "../../api/types";
import type { StageHandle } from "../../components/annotator/CanvasStage";
import { boundsOf } from "../../masks/bounds";
import * as actions from "../../state/actions";
import { maskSelected, selectedIds } from "../../state/selection";
import type { ViewOptions } from "../../state/viewOptions";
import type { Command } from "../../tools/commands";
import type { Hint } from "../../tools/keymap";
import type { ToolName } from "../../tools/tool";
import { viewChange } from "../../tools/viewCommands";
import type { Conflict } from "../../state/pendingChange";
import { choicesOf, type ConflictChoice } from "./conflicts";
import type { AnnotationSession } from "./session";
import type { Comments } from "./useComments";
import type { PanelCommands } from "./usePanels";
import type { Objects } from "./useObjects";

const ZOOM_STEP = 1.25;
const BRUSH_STEP = 1.25;
/** A share of the stage. */
const LOOK_STEP = 0.125;

/** What commands act on, and what the view does for them. */
export interface CommandContext extends PanelCommands {
  readonly session: AnnotationSession;
  readonly stage: StageHandle | null;
  readonly image: ImageDetail;
  readonly labels: readonly Label[];
  readonly objects: Objects;
  readonly conflicts: readonly Conflict[];
  readonly comments: Comments;
  goTo(imageId: number | null): void;
  /** Goes there with copies of the selected masks. */
  carryTo(imageId: number | null): void;
  handIn(): void;
  rejectImage(): void;
  skipImage(): void;
  takeNext(): void;
  accept(): void;
  /** Accepts the proposal that is walked to or pointed at, or goes to the first. Returns whether there was one. */
  acceptProposal(): boolean;
  /** Opens the field for a word, or closes it. */
  toggleWord(): void;
  hint(hint: Hint): void;
  chooseLabel(labelId: number | null): void;
  resizeBrush(factor: number): void;
  chooseTool(tool: ToolName): void;
  /** Gives up a comment that has no place yet. Returns whether there was one. */
  leaveCommentTool(): boolean;
  toggleSaved(): void;
  toggleYields(): void;
  toggleLooksCloser(): void;
  showKeys(): void;
  toggleViewOptions(): void;
  changeView(change: (view: ViewOptions) => ViewOptions): void;
}

const NO_MORE_PROPOSALS = "No further proposal on this image.";

/** Runs a command, wherever it came from: a key, a button, a menu. */
export function runCommand(
  command: Command,
  { session, stage, image, labels, conflicts, objects, comments, ...on }: CommandContext,
): void {
  const decide = (choice: ConflictChoice) => {
    const [first] = conflicts;
    if (first && choicesOf(first).includes(choice)) session.decide(first, choice);
  };
  switch (command.name) {
    case "accept":
      if (!stage?.acceptShape()) on.accept();
      return;
    case "cancel":
      if (comments.close() || on.leaveCommentTool()) return;
      if (
        stage?.cancelGesture() ||
        session.prompting.closeWord() ||
        session.cancel() ||
        session.proposing.cancel()
      )
        return;
      session.store.apply((now) => maskSelected(now, null));
      return;
    case "undo":
      if (!stage?.stepBack()) session.undo();
      return;
    case "redo":
      session.redo();
      return;
    case "delete": {
      if (stage?.removeHovered() || stage?.stepBack()) return;
      const ids = selectedIds(session.store.getState());
      if (ids.length === 0 && session.proposing.current) session.proposing.rejectCurrent();
      else objects.actions.remove(ids);
      return;
    }
    case "tool":
      on.chooseTool(command.tool);
      return;
    case "refine": {
      const { selectedId } = session.store.getState();
      if (selectedId === null ? session.fix() : session.refine()) on.chooseTool("smart");
      return;
    }
    case "brushSmaller":
      on.resizeBrush(1 / BRUSH_STEP);
      return;
    case "brushLarger":
      on.resizeBrush(BRUSH_STEP);
      return;
    case "toggleSaved":
      on.toggleSaved();
      return;
    case "nextCandidate":
      if (session.proposing.isWalkable) session.proposing.step(1);
      else session.store.apply((now) => actions.candidateCycled(now, 1));
      return;
    case "previousCandidate":
      if (session.proposing.isWalkable) session.proposing.step(-1);
      else session.store.apply((now) => actions.candidateCycled(now, -1));
      return;
    case "toggleYields":
      on.toggleYields();
      return;
    case "toggleLooksCloser":
      on.toggleLooksCloser();
      return;
    case "candidate":
      session.store.apply((now) => actions.candidateChosen(now, command.index));
      return;
    case "label": {
      const label = labels[command.index];
      if (label) on.chooseLabel(label.id);
      return;
    }
    case "noLabel":
      on.chooseLabel(null);
      return;
    case "operate":
      session.operate(command.operation);
      return;
    case "zoomToObject": {
      const { current } = session.proposing;
      const ids = selectedIds(session.store.getState());
      if (ids.length > 0 || !current) objects.run(command);
      else stage?.show(boundsOf([current.candidate.mask])!);
      return;
    }
    case "everything":
      on.chooseTool("smart");
      session.proposeIn(stage?.visibleRegion() ?? null);
      return;
    case "word":
      on.toggleWord();
      return;
    case "nextProposal":
      if (!session.proposing.step(1)) on.hint(NO_MORE_PROPOSALS);
      return;
    case "previousProposal":
      if (!session.proposing.step(-1)) on.hint(NO_MORE_PROPOSALS);
      return;
    case "acceptProposal":
      if (!on.acceptProposal()) on.hint(NO_MORE_PROPOSALS);
      return;
    case "fixProposal":
      if (session.fix()) on.chooseTool("smart");
      else if (!session.proposing.step(1)) on.hint(NO_MORE_PROPOSALS);
      return;
    case "rejectProposal":
      if (!session.proposing.rejectCurrent()) on.hint(NO_MORE_PROPOSALS);
      return;
    case "toggleProposals":
      session.proposing.toggle();
      return;
    case "copy":
      session.copying.copy();
      return;
    case "paste":
      session.copying.paste();
      return;
    case "copyToNext":
      on.carryTo(image.next_id);
      return;
    case "copyToPrevious":
      on.carryTo(image.previous_id);
      return;
    case "handIn":
      on.handIn();
      return;
    case "rejectImage":
      on.rejectImage();
      return;
    case "skipImage":
      on.skipImage();
      return;
    case "takeNext":
      on.takeNext();
      return;
    case "nextImage":
      on.goTo(image.next_id);
      return;
    case "previousImage":
      on.goTo(image.previous_id);
      return;
    case "fit":
      stage?.fit();
      return;
    case "actualSize":
      stage?.actualSize();
      return;
    case "zoomIn":
      stage?.zoomBy(ZOOM_STEP);
      return;
    case "zoomOut":
      stage?.zoomBy(1 / ZOOM_STEP);
      return;
    case "panLeft":
      stage?.look(-LOOK_STEP, 0);
      return;
    case "panRight":
      stage?.look(LOOK_STEP, 0);
      return;
    case "panUp":
      stage?.look(0, -LOOK_STEP);
      return;
    case "panDown":
      stage?.look(0, LOOK_STEP);
      return;
    case "pointerLeft":
      stage?.movePointer(-1, 0);
      return;
    case "pointerRight":
      stage?.movePointer(1, 0);
      return;
    case "pointerUp":
      stage?.movePointer(0, -1);
      return;
    case "pointerDown":
      stage?.movePointer(0, 1);
      return;
    case "pointerClick":
      stage?.clickPointer("primary");
      return;
    case "pointerClickAway":
      stage?.clickPointer("secondary");
      return;
    case "pointerHold":
      stage?.holdPointer();
      return;
    case "conflictTheirs":
      decide("theirs");
      return;
    case "conflictMine":
      decide("mine");
      return;
    case "conflictBoth":
      decide("both");
      return;
    case "nextThread":
      comments.step(1);
      return;
    case "previousThread":
      comments.step(-1);
      return;
    case "threadList":
      comments.setListOpen((isOpen) => !isOpen);
      return;
    case "maskHistory":
      on.showHistory();
      return;
    case "deletedMasks":
      on.showDeleted();
      return;
    case "findSimilar":
      on.findSimilar();
      return;
    case "guidelines":
      on.toggleGuidelines();
      return;
    case "showKeys":
      on.showKeys();
      return;
    case "viewOptions":
      on.toggleViewOptions();
      return;
    default: {
      const change = viewChange(command.name);
      if (change) on.changeView(change);
      else objects.run(command);
    }
  }
}

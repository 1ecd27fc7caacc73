import type { ImageDetail, Label } from "../../api/types";
import type { StageHandle } from "../../components/annotator/CanvasStage";
import * as actions from "../../state/actions";
import type { Command } from "../../tools/keymap";
import type { ToolName } from "../../tools/tool";
import type { Conflict } from "../../state/pendingChange";
import { choicesOf, type ConflictChoice } from "./conflicts";
import type { AnnotationSession } from "./session";

const ZOOM_STEP = 1.25;
const BRUSH_STEP = 1.25;

/** What commands act on, and what the view does for them. */
export interface CommandContext {
  readonly session: AnnotationSession;
  readonly stage: StageHandle | null;
  readonly image: ImageDetail;
  readonly labels: readonly Label[];
  readonly conflicts: readonly Conflict[];
  goTo(imageId: number | null): void;
  /** Goes there with copies of the selected masks. */
  carryTo(imageId: number | null): void;
  accept(): void;
  chooseLabel(labelId: number): void;
  resizeBrush(factor: number): void;
  chooseTool(tool: ToolName): void;
  toggleSaved(): void;
  toggleYields(): void;
  showKeys(): void;
}

/** Runs a command, wherever it came from: a key, a button, a menu. */
export function runCommand(
  command: Command,
  { session, stage, image, labels, conflicts, ...on }: CommandContext,
): void {
  const { selectedId } = session.store.getState();
  const decide = (choice: ConflictChoice) => {
    const [first] = conflicts;
    if (first && choicesOf(first).includes(choice)) session.decide(first, choice);
  };
  switch (command.name) {
    case "accept":
      if (!stage?.acceptShape()) on.accept();
      return;
    case "cancel":
      if (stage?.cancelGesture() || session.cancel() || session.proposing.cancel()) return;
      session.store.apply((now) => actions.maskSelected(now, null));
      return;
    case "undo":
      if (!stage?.stepBack()) session.undo();
      return;
    case "redo":
      session.redo();
      return;
    case "delete":
      if (stage?.removeHovered() || stage?.stepBack()) return;
      if (selectedId !== null) session.store.apply((now) => actions.maskDeleted(now, selectedId));
      return;
    case "tool":
      on.chooseTool(command.tool);
      return;
    case "refine":
      if (session.refine()) on.chooseTool("smart");
      return;
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
      session.store.apply((now) => actions.candidateCycled(now, 1));
      return;
    case "previousCandidate":
      session.store.apply((now) => actions.candidateCycled(now, -1));
      return;
    case "toggleYields":
      on.toggleYields();
      return;
    case "candidate":
      session.store.apply((now) => actions.candidateChosen(now, command.index));
      return;
    case "label": {
      const label = labels[command.index];
      if (label) on.chooseLabel(label.id);
      return;
    }
    case "operate":
      session.operate(command.operation);
      return;
    case "everything":
      on.chooseTool("smart");
      session.proposeIn(stage?.visibleRegion() ?? null);
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
    case "conflictTheirs":
      decide("theirs");
      return;
    case "conflictMine":
      decide("mine");
      return;
    case "conflictBoth":
      decide("both");
      return;
    case "showKeys":
      on.showKeys();
      return;
  }
}

import { useLocalStorage } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type MouseEvent,
} from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { describeError } from "../../api/errors";
import { retryEmbedding } from "../../api/images";
import type { ImageDetail, Label, Project } from "../../api/types";
import { AnnotatorBar } from "../../components/annotator/AnnotatorBar";
import { CandidatePicker } from "../../components/annotator/CandidatePicker";
import { CanvasStage, type StageHandle } from "../../components/annotator/CanvasStage";
import { EmbeddingNotice } from "../../components/annotator/EmbeddingNotice";
import { KeyboardMap } from "../../components/annotator/KeyboardMap";
import { ToolStrip } from "../../components/annotator/ToolStrip";
import { ProposalBar } from "../../components/annotator/ProposalBar";
import { StatusBar } from "../../components/annotator/StatusBar";
import * as actions from "../../state/actions";
import { hasDraft } from "../../state/annotation";
import { openProposals, proposalFloor } from "../../state/proposals";
import { resizedBrush } from "../../state/sketch";
import type { Command } from "../../tools/keymap";
import type { ToolName } from "../../tools/tool";
import { imageQuery } from "../queries";
import { SaveIndicator } from "../SaveIndicator";
import { useServices } from "../services";
import { AnnotatorSide } from "./AnnotatorSide";
import { conflictDrawings, currentDrawings, proposalDrawings, savedDrawings } from "./drawings";
import type { OpenedMasks } from "./openMasks";
import { AnnotationSession, shownPrompts } from "./session";
import { runCommand } from "./commands";
import { useConflicts } from "./useConflicts";
import { useAnnotatorKeys } from "./useAnnotatorKeys";
import { useDecoder } from "./useDecoder";
import { usePrefetch } from "./usePrefetch";

interface Props {
  readonly image: ImageDetail;
  readonly project: Project;
  readonly labels: readonly Label[];
  readonly opened: OpenedMasks;
  readonly author: string;
  readonly onEmbeddingRetried: () => void;
}

/** A button pressed with the mouse must not take the keyboard along: Enter right after it still saves the mask. */
function keepKeyboard(event: MouseEvent) {
  if (event.target instanceof Element && event.target.closest("button")) event.preventDefault();
}

/** The label last used, so that the next image starts with it. */
let lastLabelId: number | null = null;
let lastBrushDiameter = 20;

/** The newest hint in the place of the one before, which `show` alone would keep. */
function showHint(message: string) {
  notifications.hide("hint");
  notifications.show({ id: "hint", color: "blue", message });
}

export function AnnotatorView({ image, project, labels, opened, author, onEmbeddingRetried }: Props) {
  const services = useServices();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const stage = useRef<StageHandle>(null);
  const [zoom, setZoom] = useState(1);
  const [tool, setTool] = useState<ToolName>("smart");
  const [brushDiameter, setBrushDiameter] = useState(lastBrushDiameter);
  const [areKeysShown, setKeysShown] = useState(false);
  const [areSavedShown, setSavedShown] = useState(true);
  const [isPickerShown, setPickerShown] = useLocalStorage({
    key: "anymask.candidatePicker",
    defaultValue: true,
  });
  const [yields, setYields] = useLocalStorage({ key: "anymask.yields", defaultValue: false });
  const [looksCloser, setLooksCloser] = useLocalStorage({ key: "anymask.looksCloser", defaultValue: true });
  const [isImageBroken, setImageBroken] = useState(false);
  const [session] = useState(() => {
    const known = labels.find((label) => label.id === lastLabelId) ?? labels[0];
    return new AnnotationSession({
      image,
      opened,
      labelId: known?.id ?? null,
      labelIds: new Set(labels.map((label) => label.id)),
      author,
      services,
      onConflict: (message) => notifications.show({ color: "orange", title: "Changed elsewhere", message }),
      onHint: showHint,
    });
  });
  useEffect(() => session.enter(), [session]);
  useEffect(() => session.prompting.lookCloserAtBoxes(looksCloser), [session, looksCloser]);

  const state = useSyncExternalStore(session.store.subscribe, session.store.getState);
  const view = useSyncExternalStore(session.subscribe, session.getView);
  const conflicts = useConflicts(services.queue.book, image.id);
  const rung = useSyncExternalStore(services.bridge.subscribe, services.bridge.getRungState);
  const decoder = useDecoder(services, image);
  const isPrefetched = usePrefetch(image, decoder.state.kind !== "loading");
  useEffect(() => {
    if (decoder.state.kind === "ready") session.prompting.decoderReady();
  }, [session, decoder.state.kind]);

  const size = useMemo(() => ({ height: image.height, width: image.width }), [image.height, image.width]);
  const { masks: savedMasks, selectedId, alsoSelectedIds, hiddenIds } = state;
  // The saved mask that is being changed is drawn by itself, so that a stroke repaints one mask and not all.
  const changingId = view.edited?.id ?? state.draft.refinedId;
  const saved = useMemo(() => {
    if (!areSavedShown) return [];
    const unseen = new Set(hiddenIds);
    if (changingId !== null) unseen.add(changingId);
    const selectedIds = new Set(alsoSelectedIds);
    if (selectedId !== null) selectedIds.add(selectedId);
    return savedDrawings(savedMasks, selectedIds, unseen, labels);
  }, [savedMasks, selectedId, alsoSelectedIds, hiddenIds, labels, areSavedShown, changingId]);
  const current = useMemo(
    () => [
      ...conflictDrawings(conflicts, labels),
      ...proposalDrawings(state, view),
      ...currentDrawings(state, view, yields),
    ],
    [conflicts, labels, state, view, yields],
  );

  const goTo = useCallback(
    (imageId: number | null) => {
      if (imageId !== null) void navigate(`/images/${imageId}`);
    },
    [navigate],
  );
  const withLabel = (action: (labelId: number) => void) => {
    if (state.labelId !== null) action(state.labelId);
    else notifications.show({ color: "orange", message: "Make a label on the project page first." });
  };
  const accept = () =>
    withLabel((labelId) => {
      if (view.proposing && !hasDraft(state.draft)) session.proposing.acceptAll(labelId, yields);
      else void session.accept(labelId, yields);
    });
  const chooseLabel = (labelId: number) => {
    lastLabelId = labelId;
    session.store.apply((now) => actions.labelChosen(now, labelId));
    if (selectedId !== null) session.store.apply((now) => actions.maskRelabelled(now, selectedId, labelId));
  };
  const resizeBrush = (factor: number) =>
    setBrushDiameter((now) => (lastBrushDiameter = resizedBrush(now, factor)));
  /** The neighbour's size is asked for first: masks that do not fit it stay here. */
  const carryTo = async (imageId: number | null) => {
    const next = imageId === null ? null : await queryClient.query(imageQuery(imageId));
    const fits = session.copying.carryTo(
      next && { id: next.id, size: { height: next.height, width: next.width } },
    );
    if (fits) goTo(imageId);
  };
  const run = (command: Command) =>
    runCommand(command, {
      session,
      stage: stage.current,
      image,
      labels,
      conflicts,
      goTo,
      carryTo: (imageId) => void carryTo(imageId),
      accept,
      chooseLabel,
      resizeBrush,
      chooseTool: setTool,
      toggleSaved: () => setSavedShown((isShown) => !isShown),
      toggleYields: () => setYields((isOn) => !isOn),
      showKeys: () => setKeysShown(true),
    });
  useAnnotatorKeys(run);
  const retry = () => {
    retryEmbedding(image.id).then(onEmbeddingRetried, (error: unknown) =>
      notifications.show({
        color: "orange",
        title: "Not started again",
        message: describeError(error).message,
      }),
    );
  };
  const { queued, running } = project.embedding_counts;

  return (
    <main
      className="annotator"
      onMouseDown={keepKeyboard}
      data-testid="annotator"
      data-decoder={decoder.state.kind}
      data-prefetched={isPrefetched}
      data-is-decoding={view.pending !== null}
      data-has-preview={view.preview !== null}
      data-has-current={hasDraft(state.draft) && state.draft.candidates.length > 0}
    >
      <AnnotatorBar
        image={image}
        project={project}
        onCommand={run}
        canUndo={session.store.canUndo}
        canRedo={session.store.canRedo}
      />
      <div className="annotator-stage">
        <CanvasStage
          ref={stage}
          imageUrl={image.file_url}
          previewUrl={image.preview_url}
          image={size}
          description={`${image.file_name}: click to make a mask, press ? for all keys`}
          saved={saved}
          current={current}
          prompts={shownPrompts(view, state.draft)}
          tool={tool}
          brushDiameter={brushDiameter}
          onPaint={(shape, mode) => session.hand.paint(shape, mode)}
          onPaintEnd={() => session.hand.finish()}
          onPaintGivenUp={() => session.hand.giveUp()}
          onBrushResized={resizeBrush}
          onHover={(pixel) => (view.proposing ? session.proposing : session.prompting).hover(pixel)}
          onPoint={(pixel, label) =>
            view.proposing
              ? withLabel((labelId) => session.proposing.click(pixel, label, labelId, yields))
              : session.prompting.addPoint(pixel, label)
          }
          onBox={(box) =>
            view.proposing ? void session.proposing.start(box) : session.prompting.setBox(box)
          }
          onPromptsDragged={(prompts) => session.prompting.drag(prompts)}
          onPromptsChanged={(prompts) => session.prompting.change(prompts)}
          onSelect={(pixel) => session.store.apply((now) => actions.maskSelectedAt(now, pixel.x, pixel.y))}
          onZoom={setZoom}
          onImageFailed={() => setImageBroken(true)}
        >
          {(viewport, room) =>
            tool === "smart" &&
            isPickerShown &&
            state.draft.candidates.length > 1 &&
            view.dragged === null && (
              <CandidatePicker
                candidates={state.draft.candidates}
                chosen={state.draft.chosen}
                prompts={state.draft.prompts}
                thumbnailUrl={image.thumbnail_url}
                viewport={viewport}
                room={room}
                onChoose={(index) => session.store.apply((now) => actions.candidateChosen(now, index))}
                onPeek={(candidate) => session.prompting.peek(candidate)}
                onClose={() => setPickerShown(false)}
              />
            )
          }
        </CanvasStage>
        <ToolStrip tool={tool} brushDiameter={brushDiameter} onCommand={run} />
        {view.proposing && (
          <ProposalBar
            {...view.proposing}
            count={openProposals(state).length}
            floor={proposalFloor(state)}
            onFloor={(floor) => session.proposing.setFloor(floor)}
            onAcceptAll={accept}
            onCancel={() => session.proposing.cancel()}
          />
        )}
        <EmbeddingNotice
          embedding={image.embedding}
          isImageBroken={isImageBroken}
          waitingImages={queued + running}
          etaSeconds={project.embedding_eta_seconds}
          decoder={decoder.state}
          onRetryEmbedding={retry}
          onRetryDecoder={decoder.retry}
        />
      </div>
      <AnnotatorSide
        session={session}
        state={state}
        view={view}
        labels={labels}
        conflicts={conflicts}
        onAccept={accept}
        onCommand={run}
        onLabel={chooseLabel}
        canRefine={decoder.state.kind === "ready"}
        onOperation={(operation) => session.operate(operation)}
        areSavedShown={areSavedShown}
        thumbnailUrl={image.thumbnail_url}
        isPickerShown={isPickerShown}
        onShowPicker={() => setPickerShown(true)}
      />
      <StatusBar
        rung={rung.kind === "ready" ? rung.rung : null}
        lastDecode={view.lastDecode}
        failure={view.failure}
        saveState={<SaveIndicator />}
        looksCloser={looksCloser}
        look={view.look}
        onToggleLooksCloser={() => setLooksCloser((isOn) => !isOn)}
        yields={yields}
        onToggleYields={() => run({ name: "toggleYields" })}
        zoom={zoom}
        imageSize={size}
        licence={image.licence_note || project.licence_note}
      />
      <KeyboardMap isOpen={areKeysShown} onClose={() => setKeysShown(false)} />
    </main>
  );
}

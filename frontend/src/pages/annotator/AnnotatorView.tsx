import { useLocalStorage } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { describeError } from "../../api/errors";
import { retryEmbedding } from "../../api/images";
import type { ImageDetail, Label, ProjectDetail } from "../../api/types";
import { AnnotatorBar } from "../../components/annotator/AnnotatorBar";
import type { StageHandle } from "../../components/annotator/CanvasStage";
import { useStable } from "../../components/common/useStable";
import { EmbeddingNotice } from "../../components/annotator/EmbeddingNotice";
import { KeyboardMap } from "../../components/annotator/KeyboardMap";
import { KeymapContext } from "../../components/annotator/KeymapContext";
import { ViewMenu } from "../../components/annotator/ViewMenu";
import { WorkNotice } from "../../components/annotator/WorkControls";
import { ToolStrip } from "../../components/annotator/ToolStrip";
import { StatusBar } from "../../components/annotator/StatusBar";
import type { ImageBox } from "../../geometry/boxes";
import { hasDraft } from "../../state/annotation";
import { resizedBrush } from "../../state/sketch";
import type { Command } from "../../tools/commands";
import type { Hint } from "../../tools/keymap";
import { SaveIndicator } from "../SaveIndicator";
import { useServices } from "../services";
import { useMe } from "../session";
import { AnnotatorSide } from "./AnnotatorSide";
import { AnnotatorStage } from "./AnnotatorStage";
import type { OpenedMasks } from "./openMasks";
import { useLabelChoice, useShownOptions } from "./classFree";
import { StageHints } from "./StageHints";
import { StageProposals } from "./StageProposals";
import { runCommand } from "./commands";
import { showHint } from "./hints";
import { useBarTools } from "./useBarTools";
import { useComments } from "./useComments";
import { useConflicts } from "./useConflicts";
import { keepKeyboard, useAnnotatorKeys } from "./useAnnotatorKeys";
import { modelOf, useDecoder } from "./useDecoder";
import { useDrawings } from "./useDrawings";
import { useNeighbours } from "./useNeighbours";
import { useObjects } from "./useObjects";
import { usePanels } from "./usePanels";
import { usePreferences } from "./usePreferences";
import { useSession } from "./useSession";
import { useWork } from "./useWork";
import { useWorkedImage } from "./useWorkedImage";
import { useLabelsToLearn } from "./useLabelsToLearn";
import { useToolChoice } from "./useToolChoice";
import { usePrefetch } from "./usePrefetch";
import { useWords } from "./useWords";
import { isAsking } from "./promptingView";

interface Props {
  readonly image: ImageDetail;
  readonly project: ProjectDetail;
  readonly labels: readonly Label[];
  readonly opened: OpenedMasks;
  readonly author: string;
  /** The server has another embedding of it than is shown: it is to be read anew. */
  readonly onImageChanged: () => void;
}

let lastBrushDiameter = 20;

export function AnnotatorView({ image, project, labels, opened, author, onImageChanged }: Props) {
  const services = useServices();
  const stage = useRef<StageHandle>(null);
  const [zoom, setZoom] = useState(1);
  const { tool, chooseTool, leaveCommentTool } = useToolChoice();
  const [brushDiameter, setBrushDiameter] = useState(lastBrushDiameter);
  const me = useMe();
  const preferences = usePreferences(me.id);
  const { setViewOptions, keymap } = preferences;
  const viewOptions = useShownOptions(preferences.viewOptions, project);
  const [isViewOpen, setViewOpen] = useState(false);
  const [areKeysShown, setKeysShown] = useState(false);
  const [areSavedShown, setSavedShown] = useState(true);
  const [isPickerShown, setPickerShown] = useLocalStorage({
    key: "anymask.candidatePicker",
    defaultValue: true,
  });
  const [yields, setYields] = useLocalStorage({ key: "anymask.yields", defaultValue: false });
  const [looksCloser, setLooksCloser] = useLocalStorage({ key: "anymask.looksCloser", defaultValue: true });
  const [isImageBroken, setImageBroken] = useState(false);
  const onShow = useCallback((box: ImageBox) => stage.current?.bringIntoView(box), []);
  const { is_class_free: isClassFree } = project;
  const session = useSession(
    { image, labels, isClassFree, opened, author, onOtherModel: onImageChanged, onShow },
    keymap,
  );
  useEffect(() => session.prompting.lookCloserAtBoxes(looksCloser), [session, looksCloser]);

  const state = useSyncExternalStore(session.store.subscribe, session.store.getState);
  const view = useSyncExternalStore(session.subscribe, session.getView);
  const conflicts = useConflicts(services.queue.book, image.id);
  const rung = useSyncExternalStore(services.bridge.subscribe, services.bridge.getRungState);
  const worked = useWorkedImage(services, session, image, state, view);
  const decoder = useDecoder(services, worked);
  const isPrefetched = usePrefetch(image, decoder.state.kind !== "loading");
  useLayoutEffect(() => {
    if (decoder.state.kind === "ready") session.prompting.decoderReady();
  }, [session, decoder.state.kind]);

  const showBox = useCallback((box: ImageBox) => stage.current?.show(box), []);
  const imageWork = useWork(image, project, session);
  const objects = useObjects(session.store, state, labels, showBox);
  useLabelsToLearn(project.id, state.masks, labels);
  const drawings = useDrawings({
    state,
    view,
    labels,
    conflicts,
    options: viewOptions,
    areSavedShown,
    hoveredId: objects.hovered?.id ?? null,
    yields,
  });

  const onHint = useStable((hint: Hint) => showHint(hint, keymap));
  const { goTo, carryTo } = useNeighbours(session, onHint);
  const comments = useComments({ image, project, state, areSavedShown, stage, keymap });
  const panels = usePanels({ imageId: image.id, project, labels, state, session, stage, onHint });
  const isReady = decoder.state.kind === "ready";
  const words = useWords({ session, view, worked, isReady, stage, chooseTool, onHint });
  const accept = useStable(() => {
    const terms = { labelId: state.labelId, yields };
    if (hasDraft(state.draft)) session.accept(state.labelId, yields);
    else if (view.search) session.proposing.acceptAll(terms);
    else if (session.proposing.current) session.proposing.acceptCurrent(terms);
    else session.accept(state.labelId, yields);
  });
  const chooseLabel = useLabelChoice({ project, session, state, objects, onHint });
  const resizeBrush = (factor: number) =>
    setBrushDiameter((now) => (lastBrushDiameter = resizedBrush(now, factor)));
  const run = useStable((command: Command) =>
    runCommand(command, {
      session,
      stage: stage.current,
      image,
      labels,
      objects,
      conflicts,
      goTo,
      carryTo,
      handIn: imageWork.handIn,
      rejectImage: () => imageWork.ask("reject"),
      skipImage: () => imageWork.ask("skip"),
      takeNext: imageWork.takeNext,
      accept,
      acceptProposal: () => session.proposing.acceptCurrent({ labelId: state.labelId, yields }),
      toggleWord: words.toggle,
      hint: onHint,
      chooseLabel,
      resizeBrush,
      comments,
      chooseTool: (wanted) => (wanted !== "comment" || comments.canBegin()) && chooseTool(wanted),
      leaveCommentTool,
      toggleSaved: () => setSavedShown((isShown) => !isShown),
      toggleYields: () => setYields((isOn) => !isOn),
      toggleLooksCloser: () => setLooksCloser((isOn) => !isOn),
      showKeys: () => setKeysShown(true),
      toggleViewOptions: () => setViewOpen((isOpen) => !isOpen),
      changeView: preferences.setViewOptions,
      ...panels.commands,
    }),
  );
  useAnnotatorKeys(keymap, run, state.draft, (step) => session.proposing.canStep(step));
  const showPicker = useStable(() => setPickerShown(true));
  const hideView = useStable(() => setViewOpen(false));
  const hideKeys = useStable(() => setKeysShown(false));
  const retry = () => {
    retryEmbedding(image.id).then(onImageChanged, (error: unknown) =>
      notifications.show({
        color: "orange",
        title: "Not started again",
        message: describeError(error).message,
      }),
    );
  };
  const { queued, running } = project.embedding_counts;
  const viewMenu = useMemo(
    () => (
      <ViewMenu
        isOpen={isViewOpen}
        options={preferences.viewOptions}
        onChange={setViewOptions}
        onCommand={run}
        onClose={hideView}
      />
    ),
    [isViewOpen, preferences.viewOptions, setViewOptions, run, hideView],
  );
  const barTools = useBarTools(imageWork, comments, viewMenu, run);

  return (
    <KeymapContext value={keymap}>
      <main
        className="annotator"
        onMouseDown={keepKeyboard}
        data-testid="annotator"
        data-guidelines={panels.areGuidelinesShown}
        data-decoder={decoder.state.kind}
        data-model={modelOf(worked)}
        data-prefetched={isPrefetched}
        data-is-decoding={isAsking(view)}
        data-has-preview={view.preview !== null}
        data-has-current={hasDraft(state.draft) && state.draft.candidates.length > 0}
      >
        <AnnotatorBar
          image={image}
          project={project}
          onCommand={run}
          canUndo={session.store.canUndo}
          canRedo={session.store.canRedo}
          areGuidelinesShown={panels.areGuidelinesShown}
        >
          {barTools}
        </AnnotatorBar>
        <div className="annotator-stage">
          <AnnotatorStage
            ref={stage}
            image={image}
            session={session}
            state={state}
            view={view}
            drawings={drawings}
            viewOptions={viewOptions}
            tool={tool}
            brushDiameter={brushDiameter}
            yields={yields}
            isPickerShown={isPickerShown}
            comments={comments}
            onPin={(at) => {
              comments.placePin(at);
              leaveCommentTool();
            }}
            onPointAt={(pixel) => objects.pointAt(areSavedShown ? pixel : null)}
            onBrushResized={resizeBrush}
            onZoom={setZoom}
            onImageFailed={() => setImageBroken(true)}
            onPickerClosed={() => setPickerShown(false)}
          />
          <ToolStrip tool={tool} brushDiameter={brushDiameter} {...words.strip} onCommand={run} />
          {words.content}
          <StageProposals session={session} state={state} view={view} yields={yields} onCommand={run} />
          <StageHints project={project} session={session} state={state} onSave={accept} onCommand={run} />
          <WorkNotice work={imageWork.work} readOnly={imageWork.readOnly} />
          <EmbeddingNotice
            embedding={worked.embedding}
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
          canRefine={isReady}
          areSavedShown={areSavedShown}
          objects={objects}
          viewOptions={viewOptions}
          thumbnailUrl={image.thumbnail_url}
          isPickerShown={isPickerShown}
          onShowPicker={showPicker}
        />
        <StatusBar
          rung={rung.kind === "ready" ? rung.rung : null}
          lastDecode={view.lastDecode}
          failure={view.failure}
          saveState={<SaveIndicator />}
          looksCloser={looksCloser}
          look={view.look}
          yields={yields}
          onCommand={run}
          zoom={zoom}
          imageSize={image}
          blurred={image.blurring ? image.blurred_count : null}
          licence={image.licence_note || project.licence_note}
        />
        {imageWork.dialog}
        {panels.content}
        <KeyboardMap
          isOpen={areKeysShown}
          changes={preferences.keyChanges}
          onChange={preferences.setKeyChanges}
          onClose={hideKeys}
        />
      </main>
    </KeymapContext>
  );
}

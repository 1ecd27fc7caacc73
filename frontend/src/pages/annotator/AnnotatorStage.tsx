import { useMemo, type Ref } from "react";
import type { ImageDetail } from "../../api/types";
import { CandidatePicker } from "../../components/annotator/CandidatePicker";
import { CanvasStage, type StageHandle } from "../../components/annotator/CanvasStage";
import { useKeyText } from "../../components/annotator/KeymapContext";
import type { ImagePoint } from "../../geometry/points";
import * as actions from "../../state/actions";
import { hasDraft, type AnnotationState } from "../../state/annotation";
import { maskSelectedAt } from "../../state/selection";
import type { ViewOptions } from "../../state/viewOptions";
import type { ToolName } from "../../tools/tool";
import { StageComments } from "./StageComments";
import type { Comments } from "./useComments";
import type { AnnotationSession } from "./session";
import { shownPrompts, type SessionView } from "./sessionView";
import type { useDrawings } from "./useDrawings";

interface Props {
  readonly ref: Ref<StageHandle>;
  readonly image: ImageDetail;
  readonly session: AnnotationSession;
  readonly state: AnnotationState;
  readonly view: SessionView;
  readonly drawings: ReturnType<typeof useDrawings>;
  readonly viewOptions: ViewOptions;
  readonly tool: ToolName;
  readonly brushDiameter: number;
  readonly yields: boolean;
  readonly isPickerShown: boolean;
  readonly comments: Comments;
  readonly onPin: (at: ImagePoint) => void;
  readonly onPointAt: (pixel: ImagePoint | null) => void;
  readonly onBrushResized: (factor: number) => void;
  readonly onZoom: (scale: number) => void;
  readonly onImageFailed: () => void;
  readonly onPickerClosed: () => void;
}

/** The stage wired to a session: what is pointed at, clicked and painted goes to whoever decides about it now. */
export function AnnotatorStage(props: Props) {
  const {
    ref,
    image,
    session,
    state,
    view,
    drawings,
    viewOptions,
    tool,
    brushDiameter,
    yields,
    isPickerShown,
    comments,
    ...on
  } = props;
  const keysKey = useKeyText()({ name: "showKeys" });
  const size = useMemo(() => ({ height: image.height, width: image.width }), [image.height, image.width]);
  return (
    <CanvasStage
      ref={ref}
      imageUrl={image.file_url}
      previewUrl={image.preview_url}
      thumbnailUrl={image.thumbnail_url}
      viewOptions={viewOptions}
      image={size}
      description={`${image.file_name}: click to make a mask${keysKey && `, press ${keysKey} for all keys`}`}
      saved={drawings.saved}
      current={drawings.current}
      prompts={shownPrompts(view, state.draft)}
      tool={tool}
      brushDiameter={brushDiameter}
      onPaint={(shape, mode) => {
        if (tool !== "smart" && tool !== "comment") session.hand.paint(shape, mode, tool);
      }}
      onPaintEnd={() => session.hand.finish()}
      onPaintGivenUp={() => session.hand.giveUp()}
      onBrushResized={on.onBrushResized}
      onHover={(pixel) => {
        const isOnProposal = session.proposing.hover(pixel);
        session.prompting.hover(isOnProposal ? null : pixel);
        on.onPointAt(pixel);
      }}
      onPoint={(pixel, label) => {
        const terms = { labelId: state.labelId, yields };
        if (!session.proposing.click(pixel, label, terms)) session.prompting.addPoint(pixel, label);
      }}
      onBox={(box) =>
        view.search && !hasDraft(state.draft) ? session.proposing.start(box) : session.prompting.setBox(box)
      }
      onPromptsDragged={(prompts) => session.prompting.drag(prompts)}
      onPromptsChanged={(prompts) => session.prompting.change(prompts)}
      onSelect={(pixel) => session.store.apply((now) => maskSelectedAt(now, pixel.x, pixel.y))}
      onPin={on.onPin}
      onZoom={on.onZoom}
      onImageFailed={on.onImageFailed}
    >
      {(viewport, room) => (
        <>
          {tool === "smart" &&
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
                onClose={on.onPickerClosed}
              />
            )}
          <StageComments comments={comments} viewport={viewport} room={room} />
        </>
      )}
    </CanvasStage>
  );
}

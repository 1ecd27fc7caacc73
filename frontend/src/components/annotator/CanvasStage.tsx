import {
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type ReactNode,
  type Ref,
} from "react";
import { freeOnceGone } from "../../canvas/freeCanvas";
import type { MaskDrawing } from "../../canvas/paint";
import { drawPrompts, type PromptGrips } from "../../canvas/prompts";
import { drawSketch } from "../../canvas/sketch";
import { boxHolds, type ImageBox } from "../../geometry/boxes";
import { imageToView } from "../../geometry/frames";
import type { ImagePoint } from "../../geometry/points";
import type { Size } from "../../geometry/size";
import { viewCentre, visibleRegion, type Viewport } from "../../geometry/viewport";
import type { Rle } from "../../masks/rle";
import type { PromptHandle } from "../../sam/promptEdits";
import { promptCount, type PointLabel, type Prompts } from "../../sam/prompts";
import type { EditMode, Sketch } from "../../state/sketch";
import { POINTER_STEP } from "../../tools/keyboardPointer";
import type { PointerButton, ToolName } from "../../tools/tool";
import { deviceSize, MaskOverlay } from "./MaskOverlay";
import { Photograph } from "./Photograph";
import { PromptMenu, type PromptMenuPlace } from "./PromptMenu";
import type { ViewOptions } from "../../state/viewOptions";
import { Crosshair } from "./stage/Crosshair";
import { Minimap } from "./stage/Minimap";
import { PhotographFilter, photographFilter } from "./stage/PhotographFilter";
import { PixelGrid } from "./stage/PixelGrid";
import { restingPointerOn } from "./restingPointer";
import { useKeyboardPointer } from "./useKeyboardPointer";
import { useToolbox } from "./useToolbox";
import { useViewport } from "./useViewport";

export interface StageHandle {
  /** Gives it the keyboard. */
  focus(): void;
  fit(): void;
  actualSize(): void;
  zoomBy(factor: number): void;
  /** Moves what is in view by shares of the stage. */
  look(right: number, down: number): void;
  /** The keyboard's pointer: moved by steps, clicked, held down or let go. */
  movePointer(right: number, down: number): void;
  clickPointer(button: PointerButton): void;
  holdPointer(): void;
  /** Puts a box of the image in the middle, as large as fits. */
  show(box: ImageBox): void;
  /** Brings all of a box into view, unless it is: at the present scale where it fits. */
  bringIntoView(box: ImageBox): void;
  /** Puts a place of the image in the middle, unless it is in view. */
  lookAt(at: ImagePoint): void;
  /** Gives up the gesture under way. Returns whether there was one. */
  cancelGesture(): boolean;
  /** Completes a polygon, or takes its last corner back. Returns whether there was one. */
  acceptShape(): boolean;
  stepBack(): boolean;
  /** Removes the click or corner under the pointer. Returns whether there was one. */
  removeHovered(): boolean;
  /** The part of the image in view, null when none is. */
  visibleRegion(): ImageBox | null;
}

interface Props {
  readonly ref: Ref<StageHandle>;
  readonly imageUrl: string;
  readonly thumbnailUrl: string;
  readonly viewOptions: ViewOptions;
  readonly previewUrl: string;
  readonly image: Size;
  readonly description: string;
  readonly saved: readonly MaskDrawing[];
  readonly current: readonly MaskDrawing[];
  readonly prompts: Prompts;
  readonly tool: ToolName;
  readonly brushDiameter: number;
  readonly onPaint: (shape: Rle, mode: EditMode) => void;
  readonly onPaintEnd: () => void;
  readonly onPaintGivenUp: () => void;
  readonly onBrushResized: (factor: number) => void;
  readonly onHover: (pixel: ImagePoint | null) => void;
  readonly onPoint: (pixel: ImagePoint, label: PointLabel) => void;
  readonly onBox: (box: ImageBox) => void;
  /** While clicks or the box are dragged, null when that is given up; and when they are changed for good. */
  readonly onPromptsDragged: (prompts: Prompts | null) => void;
  readonly onPromptsChanged: (prompts: Prompts) => void;
  readonly onSelect: (pixel: ImagePoint) => void;
  readonly onPin: (at: ImagePoint) => void;
  readonly onZoom: (scale: number) => void;
  readonly onImageFailed: () => void;
  /** What lies over the image without being part of it; its pointer is its own. */
  readonly children?: (viewport: Viewport, room: Size) => ReactNode;
}

/** The photograph with masks and prompts over it; pans, zooms, and tells what was pointed at. */
export function CanvasStage(props: Props) {
  const { image, ref, onZoom, viewOptions } = props;
  const stage = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<ImageBox | null>(null);
  const [hovered, setHovered] = useState<PromptHandle | null>(null);
  const [menu, setMenu] = useState<PromptMenuPlace | null>(null);
  const [sketch, setSketch] = useState<Sketch | null>(null);
  const [cursor, setCursor] = useState("crosshair");
  const view = useViewport(stage, image);
  const { viewport, devicePixelRatio } = view;

  const toolbox = useToolbox(stage, image, view, props.tool, {
    brushDiameter: props.brushDiameter,
    onPaint: props.onPaint,
    onPaintEnd: props.onPaintEnd,
    onPaintGivenUp: props.onPaintGivenUp,
    onBrushResized: props.onBrushResized,
    onSketch: setSketch,
    onHover: props.onHover,
    onPoint: props.onPoint,
    onBox: props.onBox,
    onSelect: props.onSelect,
    onPin: props.onPin,
    onBoxDragged: setDragged,
    prompts: props.prompts,
    onPromptsDragged: props.onPromptsDragged,
    onPromptsChanged: props.onPromptsChanged,
    onPromptHover: setHovered,
    onPromptMenu: (held, at) => setMenu({ held, at }),
    onCursor: setCursor,
  });
  const hasSize = view.size.width > 0;
  // Whoever goes to the next image by a key has the mouse over it already.
  useLayoutEffect(() => {
    const at = hasSize && stage.current && restingPointerOn(stage.current);
    if (at) toolbox.current?.move({ at, button: "primary", isAlt: false, isShift: false, isCtrl: false });
  }, [toolbox, image, hasSize]);
  const keyboard = useKeyboardPointer(toolbox);
  useImperativeHandle(ref, () => ({
    focus: () => stage.current?.focus({ preventScroll: true }),
    fit: view.fit,
    actualSize: view.actualSize,
    show: view.show,
    lookAt: (at) => {
      const { x, y } = imageToView(viewport, at);
      const isInView = x >= 0 && y >= 0 && x <= view.size.width && y <= view.size.height;
      if (hasSize && !isInView) view.centre({ x: at.x / image.width, y: at.y / image.height });
    },
    bringIntoView: (box) => {
      // Without a size nothing is in view yet: then all of the image comes into view.
      if (!hasSize) return;
      const region = visibleRegion(viewport, view.size, image);
      if (region && boxHolds(region, box)) return;
      const [width, height] = [box.x1 - box.x0, box.y1 - box.y0];
      const fits = width * viewport.scale < view.size.width && height * viewport.scale < view.size.height;
      const middle = { x: (box.x0 + box.x1) / 2 / image.width, y: (box.y0 + box.y1) / 2 / image.height };
      if (fits) view.centre(middle);
      else view.show(box);
    },
    zoomBy: (factor) => view.zoom(viewCentre(view.size), factor),
    look: (right, down) => view.pan(-right * view.size.width, -down * view.size.height),
    movePointer: (right, down) =>
      keyboard.pointer.current?.move(right * POINTER_STEP, down * POINTER_STEP, view.size),
    clickPointer: (button) => keyboard.pointer.current?.press(button, view.size),
    holdPointer: () => keyboard.pointer.current?.toggleHeld(view.size),
    cancelGesture: () => {
      keyboard.pointer.current?.release();
      return toolbox.current?.cancel() ?? false;
    },
    acceptShape: () => toolbox.current?.accept() ?? false,
    stepBack: () => toolbox.current?.stepBack() ?? false,
    visibleRegion: () => visibleRegion(viewport, view.size, image),
    removeHovered: () => toolbox.current?.removeHovered() ?? false,
  }));
  const shownScale = viewport.scale * devicePixelRatio;
  useEffect(() => onZoom(shownScale), [onZoom, shownScale]);

  return (
    <>
      <div
        ref={stage}
        className="stage"
        style={{ cursor, ["--photograph-filter" as string]: photographFilter(viewOptions) }}
        tabIndex={0}
        role="application"
        aria-label={props.description}
        onPointerMove={({ movementX, movementY }) => {
          // Browsers also tell of a mouse at rest when something moves under it.
          if (movementX !== 0 || movementY !== 0) keyboard.pointer.current?.leave();
        }}
        data-testid="image-canvas"
        data-scale={shownScale}
        data-left={Math.round(viewport.left * devicePixelRatio)}
        data-top={Math.round(viewport.top * devicePixelRatio)}
      >
        <PhotographFilter options={viewOptions} />
        <Photograph {...props} viewport={viewport} view={view.size} ratio={devicePixelRatio} />
        <MaskOverlay
          saved={props.saved}
          current={props.current}
          viewport={viewport}
          view={view.size}
          ratio={devicePixelRatio}
        />
        <PromptOverlay
          {...props}
          dragged={dragged}
          hovered={hovered}
          sketch={sketch}
          viewport={viewport}
          view={view.size}
          ratio={devicePixelRatio}
        />
        {viewOptions.pixelGrid && (
          <PixelGrid viewport={viewport} image={image} view={view.size} ratio={devicePixelRatio} />
        )}
        {viewOptions.crosshair && <Crosshair stage={stage} />}
        {keyboard.at && (
          <div
            className="keyboard-pointer"
            style={{ left: keyboard.at.x, top: keyboard.at.y }}
            data-testid="keyboard-pointer"
          />
        )}
        {menu && (
          <PromptMenu
            place={menu}
            prompts={props.prompts}
            onChange={props.onPromptsChanged}
            onClose={() => setMenu(null)}
          />
        )}
      </div>
      {viewOptions.minimap && (
        <Minimap
          thumbnailUrl={props.thumbnailUrl}
          image={image}
          viewport={viewport}
          view={view.size}
          onCentre={view.centre}
        />
      )}
      {props.children?.(viewport, view.size)}
    </>
  );
}

interface LayerProps {
  readonly viewport: Viewport;
  readonly view: Size;
  readonly ratio: number;
}

function PromptOverlay({
  prompts,
  tool,
  dragged,
  hovered,
  sketch,
  brushDiameter,
  viewport,
  view,
  ratio,
}: LayerProps &
  Pick<Props, "prompts" | "tool" | "brushDiameter"> & {
    readonly dragged: ImageBox | null;
    readonly hovered: PromptHandle | null;
    readonly sketch: Sketch | null;
  }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pixels = useMemo(() => deviceSize(view, ratio), [view, ratio]);
  const wasBlank = useRef(true);
  useLayoutEffect(() => {
    const element = canvas.current!;
    return () => freeOnceGone(element);
  }, []);
  useLayoutEffect(() => {
    const isBlank = !dragged && !sketch && promptCount(prompts) === 0;
    // A canvas that nothing was drawn on needs no pixels yet, nor any time to clear them.
    if (isBlank && wasBlank.current) return;
    wasBlank.current = isBlank;
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const grips: PromptGrips = { areShown: tool === "smart", hovered };
    drawPrompts(context, prompts, dragged, grips, viewport, ratio);
    if (sketch) drawSketch(context, sketch, brushDiameter, viewport);
  }, [prompts, tool, dragged, hovered, sketch, brushDiameter, viewport, ratio, pixels]);
  return (
    <canvas
      ref={canvas}
      {...pixels}
      style={{ width: pixels.width / ratio, height: pixels.height / ratio }}
      data-testid="prompt-overlay"
    />
  );
}

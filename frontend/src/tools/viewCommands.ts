import { DEFAULT_VIEW, withNextChannel, withStep, type ViewOptions } from "../state/viewOptions";
import type { CommandName } from "./commands";

const CHANGES: Partial<Record<CommandName, (view: ViewOptions) => ViewOptions>> = {
  brighter: (view) => withStep(view, "brightness", 1),
  darker: (view) => withStep(view, "brightness", -1),
  moreContrast: (view) => withStep(view, "contrast", 1),
  lessContrast: (view) => withStep(view, "contrast", -1),
  moreGamma: (view) => withStep(view, "gamma", 1),
  lessGamma: (view) => withStep(view, "gamma", -1),
  nextChannel: withNextChannel,
  moreOpaque: (view) => withStep(view, "maskOpacity", 1),
  lessOpaque: (view) => withStep(view, "maskOpacity", -1),
  toggleOutlines: (view) => ({ ...view, outlinesOnly: !view.outlinesOnly }),
  toggleInstanceColors: (view) => ({ ...view, colorBy: view.colorBy === "label" ? "instance" : "label" }),
  toggleCrosshair: (view) => ({ ...view, crosshair: !view.crosshair }),
  togglePixelGrid: (view) => ({ ...view, pixelGrid: !view.pixelGrid }),
  toggleMinimap: (view) => ({ ...view, minimap: !view.minimap }),
  resetView: () => DEFAULT_VIEW,
};

/** What a command makes of the view options; null when it is none of theirs. */
export function viewChange(name: CommandName): ((view: ViewOptions) => ViewOptions) | null {
  return CHANGES[name] ?? null;
}

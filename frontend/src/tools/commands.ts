import { CLEANINGS, COMBININGS, type MaskOperation } from "../state/maskOperations";
import type { ToolName } from "./tool";

type PlainName =
  | "accept"
  | "cancel"
  | "undo"
  | "redo"
  | "delete"
  | "toggleSaved"
  | "fit"
  | "actualSize"
  | "zoomIn"
  | "zoomOut"
  | "zoomToObject"
  | "panLeft"
  | "panRight"
  | "panUp"
  | "panDown"
  | "pointerLeft"
  | "pointerRight"
  | "pointerUp"
  | "pointerDown"
  | "pointerClick"
  | "pointerClickAway"
  | "pointerHold"
  | "nextCandidate"
  | "previousCandidate"
  | "nextImage"
  | "previousImage"
  | "showKeys"
  | "brushSmaller"
  | "brushLarger"
  | "refine"
  | "toggleYields"
  | "toggleLooksCloser"
  | "everything"
  | "word"
  | "nextProposal"
  | "previousProposal"
  | "acceptProposal"
  | "fixProposal"
  | "rejectProposal"
  | "toggleProposals"
  | "handIn"
  | "skipImage"
  | "rejectImage"
  | "takeNext"
  | "conflictTheirs"
  | "conflictMine"
  | "conflictBoth"
  | "copy"
  | "paste"
  | "copyToNext"
  | "copyToPrevious"
  | "noLabel"
  | "selectAll"
  | "searchObjects"
  | "hideSelected"
  | "lockSelected"
  | "solo"
  | "bringToFront"
  | "bringForward"
  | "sendBackward"
  | "sendToBack"
  | "viewOptions"
  | "resetView"
  | "brighter"
  | "darker"
  | "moreContrast"
  | "lessContrast"
  | "moreGamma"
  | "lessGamma"
  | "nextChannel"
  | "moreOpaque"
  | "lessOpaque"
  | "toggleOutlines"
  | "toggleInstanceColors"
  | "toggleCrosshair"
  | "togglePixelGrid"
  | "toggleMinimap"
  | "nextThread"
  | "previousThread"
  | "threadList"
  | "maskHistory"
  | "deletedMasks"
  | "findSimilar"
  | "guidelines";

export type Command =
  | { readonly name: PlainName }
  | { readonly name: "tool"; readonly tool: ToolName }
  | { readonly name: "operate"; readonly operation: MaskOperation }
  | { readonly name: "label"; readonly index: number }
  | { readonly name: "candidate"; readonly index: number };

export type CommandName = Command["name"];

/** How many labels have a key of their own. */
export const LABEL_KEYS = 9;
/** The decoder answers with four masks at most. */
const CANDIDATE_KEYS = 4;

export type CommandGroup =
  "Masks" | "Proposals" | "Clean up" | "Tools" | "Labels" | "Objects" | "Comments" | "Image" | "View";

/** One row of the table that everything about keys is made of: what they do, what tooltips and the map show. */
export interface Binding {
  readonly command: Command;
  /** Combinations as `comboOf` writes them; what people choose for themselves takes their place. */
  readonly keys: readonly string[];
  readonly description: string;
  readonly group: CommandGroup;
}

export interface ToolDescription {
  readonly tool: ToolName;
  readonly key: string;
  readonly name: string;
  readonly description: string;
}

/** The tools, their usual keys and what they do, for the tool strip and the map. */
export const TOOLS: readonly ToolDescription[] = [
  {
    tool: "smart",
    key: "S",
    name: "Smart tool",
    description: "Click or drag a box; the model finds the mask",
  },
  { tool: "brush", key: "B", name: "Brush", description: "Paint; Alt or right button erases" },
  { tool: "eraser", key: "E", name: "Eraser", description: "Erase; Alt or right button paints" },
  {
    tool: "polygon",
    key: "P",
    name: "Polygon",
    description: "Click corners, the first one again fills; Alt takes away",
  },
  { tool: "rectangle", key: "R", name: "Rectangle", description: "Drag to fill; Alt takes away" },
  { tool: "comment", key: "K", name: "Comment", description: "Click where it belongs and write" },
];

const OPERATION_KEYS: Readonly<Record<MaskOperation, string>> = {
  fillHoles: "Shift+F",
  dropSpecks10: "Shift+Q",
  dropSpecks100: "Shift+W",
  dropSpecks1000: "Shift+E",
  keepLargest: "Shift+L",
  smooth: "Shift+O",
  grow: ".",
  shrink: ",",
  split: "Shift+X",
  merge: "Shift+U",
  subtract: "Shift+K",
};

function rows(group: CommandGroup, entries: readonly (readonly [PlainName, string[], string])[]): Binding[] {
  return entries.map(([name, keys, description]) => ({ command: { name }, keys, description, group }));
}

/** All commands, in the order of a mask's life. */
export const BINDINGS: readonly Binding[] = [
  ...rows("Masks", [
    ["nextCandidate", ["Tab", "C"], "Next candidate mask"],
    ["previousCandidate", ["Shift+Tab"], "Previous candidate mask"],
  ]),
  ...Array.from({ length: CANDIDATE_KEYS }, (_, index) => ({
    command: { name: "candidate", index } as const,
    keys: [`Shift+${index + 1}`],
    description: `Candidate mask ${index + 1}`,
    group: "Masks" as const,
  })),
  ...rows("Masks", [
    ["accept", ["Enter"], "Save the mask with the current label, or close a polygon"],
    ["cancel", ["Escape"], "Give up the gesture or the mask, or deselect"],
    ["everything", ["G"], "Propose everything under the box, or in view"],
    ["word", ["Alt+W"], "Find masks with a word, where the model knows words"],
    ["refine", ["M"], "Refine the selected mask with clicks"],
    ["toggleYields", ["Y"], "New masks yield to existing ones, or may overlap"],
    ["toggleLooksCloser", ["D"], "Look closer at small objects, or not"],
    [
      "delete",
      ["Delete", "Backspace"],
      "Remove the selected masks, or the click, box or corner under the pointer",
    ],
    ["copy", ["Ctrl+C"], "Copy the selected masks"],
    ["paste", ["Ctrl+V"], "Paste copies on this image"],
    ["copyToNext", ["Shift+ArrowRight"], "Go to the next image with copies of the selected masks"],
    ["copyToPrevious", ["Shift+ArrowLeft"], "The same with the previous image"],
    ["undo", ["Ctrl+Z"], "Undo"],
    ["redo", ["Ctrl+Shift+Z", "Ctrl+Y"], "Redo"],
    ["conflictTheirs", ["Shift+T"], "Of a mask changed by two people: keep theirs"],
    ["conflictMine", ["Shift+M"], "Of a mask changed by two people: keep mine"],
    ["conflictBoth", ["Shift+B"], "Of a mask changed by two people: keep both"],
  ]),
  ...rows("Proposals", [
    ["nextProposal", ["'"], "Next proposal, the most confident first"],
    ["previousProposal", ['"'], "Previous proposal"],
    ["acceptProposal", ["A"], "Accept the proposal"],
    ["fixProposal", ["Shift+P"], "Put the proposal right before it is accepted"],
    ["rejectProposal", ["Shift+A"], "Reject the proposal"],
    ["toggleProposals", ["Shift+Y"], "Hide or show the proposals"],
  ]),
  ...[...CLEANINGS, ...COMBININGS].map(({ name, title }) => ({
    command: { name: "operate", operation: name } as const,
    keys: [OPERATION_KEYS[name]],
    description: title,
    group: "Clean up" as const,
  })),
  ...TOOLS.map(({ tool, key, name, description }) => ({
    command: { name: "tool", tool } as const,
    keys: [key],
    description: `${name}: ${description}`,
    group: "Tools" as const,
  })),
  ...rows("Tools", [
    ["brushSmaller", ["["], "Smaller brush"],
    ["brushLarger", ["]"], "Larger brush"],
    ["pointerLeft", ["Alt+Shift+ArrowLeft"], "Keyboard's pointer to the left"],
    ["pointerRight", ["Alt+Shift+ArrowRight"], "Keyboard's pointer to the right"],
    ["pointerUp", ["Alt+Shift+ArrowUp"], "Keyboard's pointer up"],
    ["pointerDown", ["Alt+Shift+ArrowDown"], "Keyboard's pointer down"],
    ["pointerClick", ["J"], "Click with the keyboard's pointer"],
    ["pointerClickAway", ["Shift+J"], "Take away with the keyboard's pointer"],
    ["pointerHold", ["T"], "Hold the keyboard's pointer down, or let go: a box, a stroke"],
  ]),
  ...Array.from({ length: LABEL_KEYS }, (_, index) => ({
    command: { name: "label", index } as const,
    keys: [String(index + 1)],
    description: `Label ${index + 1}, for new or for the selected masks`,
    group: "Labels" as const,
  })),
  ...rows("Labels", [["noLabel", ["`"], "No label: label new or the selected masks later"]]),
  ...rows("Objects", [
    ["selectAll", ["Ctrl+A"], "Select all masks that are listed"],
    ["searchObjects", ["/"], "Search the saved masks"],
    ["hideSelected", ["Shift+H"], "Hide the selected masks, or show all again"],
    ["lockSelected", ["L"], "Lock the selected masks, or unlock all"],
    ["solo", ["Q"], "Show only the selected masks, or all again"],
    ["bringToFront", ["Home"], "Bring to the front"],
    ["bringForward", ["PageUp"], "Bring forward, over the next mask"],
    ["sendBackward", ["PageDown"], "Send backward, under the next mask"],
    ["sendToBack", ["End"], "Send to the back"],
    ["maskHistory", ["Shift+Z"], "History of the selected mask"],
    ["deletedMasks", ["Shift+D"], "Masks that were deleted"],
    ["findSimilar", ["Ctrl+Shift+F"], "Masks of the project that look like the selected one"],
  ]),
  ...rows("Comments", [
    ["nextThread", [";"], "Next thread of comments"],
    ["previousThread", [":"], "Previous thread of comments"],
    ["threadList", ["Shift+I"], "List of comments"],
  ]),
  ...rows("Image", [
    ["nextImage", ["N", "ArrowRight"], "Next image"],
    ["previousImage", ["Shift+N", "ArrowLeft"], "Previous image"],
    ["handIn", ["Ctrl+Enter"], "Submit the image and take the next; of a submitted one, accept it"],
    ["rejectImage", ["Shift+R"], "Send the image back to its author"],
    ["skipImage", ["Shift+S"], "Skip the image with a reason"],
    ["takeNext", ["Shift+Enter"], "Take the next image to label without finishing this one"],
    ["fit", ["F"], "Fit the image"],
    ["zoomToObject", ["Z"], "Zoom to the selected masks"],
    ["actualSize", ["0"], "One image pixel per screen pixel"],
    ["zoomIn", ["+", "="], "Zoom in"],
    ["zoomOut", ["-"], "Zoom out"],
    ["panLeft", ["Ctrl+Shift+ArrowLeft"], "Look further left"],
    ["panRight", ["Ctrl+Shift+ArrowRight"], "Look further right"],
    ["panUp", ["Ctrl+Shift+ArrowUp"], "Look further up"],
    ["panDown", ["Ctrl+Shift+ArrowDown"], "Look further down"],
  ]),
  ...rows("View", [
    ["toggleSaved", ["H"], "Hide or show the saved masks"],
    ["toggleOutlines", ["O"], "Outlines only"],
    ["moreOpaque", ["Ctrl+ArrowUp"], "Masks more opaque"],
    ["lessOpaque", ["Ctrl+ArrowDown"], "Masks less opaque"],
    ["toggleInstanceColors", ["I"], "Colour by instance or by label"],
    ["brighter", ["Shift+ArrowUp"], "Brighter"],
    ["darker", ["Shift+ArrowDown"], "Darker"],
    ["moreContrast", [">"], "More contrast"],
    ["lessContrast", ["<"], "Less contrast"],
    ["moreGamma", ["Shift+PageUp"], "More gamma: lighter shadows"],
    ["lessGamma", ["Shift+PageDown"], "Less gamma: darker shadows"],
    ["nextChannel", ["Shift+C"], "Next channel"],
    ["toggleCrosshair", ["X"], "Crosshair"],
    ["togglePixelGrid", ["Shift+G"], "Pixel grid from 800 %"],
    ["toggleMinimap", ["W"], "Minimap"],
    ["viewOptions", ["V"], "View options"],
    ["resetView", ["Shift+V"], "Reset the view options"],
    ["guidelines", ["U"], "Guidelines of the project beside the image"],
    ["showKeys", ["?"], "Show this map"],
  ]),
];

/** Pointer gestures, for the same list. */
export const GESTURES: readonly { readonly gesture: string; readonly description: string }[] = [
  { gesture: "Move", description: "Preview the mask under the pointer" },
  { gesture: "Click on a proposal", description: "Accept it; the right button rejects it" },
  { gesture: "Click, tap", description: "Add to the mask" },
  { gesture: "Alt + click, right click, long press, pen's eraser", description: "Take away from the mask" },
  { gesture: "Drag", description: "Ask with a box" },
  { gesture: "Drag a click or the box", description: "Move it; the mask follows" },
  { gesture: "Ctrl + click on it", description: "Remove it; the right button has more" },
  { gesture: "Shift + click", description: "Select a saved mask" },
  { gesture: "Ctrl + click in the list", description: "Add to the selection (keyboard: Ctrl + Space)" },
  { gesture: "Shift + click in the list", description: "Select up to there (keyboard: Shift + ↑ ↓)" },
  { gesture: "Double click in the list", description: "Zoom to the mask" },
  { gesture: "Shift + drag", description: "A straight line with brush and eraser" },
  { gesture: "Ctrl + wheel", description: "Size of brush and eraser" },
  { gesture: "Wheel, pinch", description: "Zoom at the pointer" },
  { gesture: "Space + drag, middle drag, two fingers", description: "Move the image" },
];

/** A command by one word, which stored keys are kept under. */
export function commandId(command: Command): string {
  if (command.name === "tool") return `tool.${command.tool}`;
  if (command.name === "operate") return `operate.${command.operation}`;
  if ("index" in command) return `${command.name}.${command.index + 1}`;
  return command.name;
}

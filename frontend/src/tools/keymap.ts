import { CLEANINGS, COMBININGS, type MaskOperation } from "../state/maskOperations";
import type { ToolName } from "./tool";

export type Command =
  | {
      // In one member: TypeScript does not compare more than 25 names with several of them.
      readonly name:
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
        | "nextCandidate"
        | "previousCandidate"
        | "nextImage"
        | "previousImage"
        | "showKeys"
        | "conflictTheirs"
        | "conflictMine"
        | "conflictBoth"
        | "copy"
        | "paste"
        | "copyToNext"
        | "copyToPrevious"
        | "everything"
        | "brushSmaller"
        | "brushLarger"
        | "refine"
        | "toggleYields";
    }
  | { readonly name: "tool"; readonly tool: ToolName }
  | { readonly name: "operate"; readonly operation: MaskOperation }
  | { readonly name: "label"; readonly index: number }
  | { readonly name: "candidate"; readonly index: number };

export type CommandName = Command["name"];

/** What of a keyboard event decides. */
export interface Key {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

interface Binding {
  readonly command: CommandName;
  readonly keys: readonly string[];
  readonly description: string;
}

/** The keyboard map as people see it, in the order of a mask's life. */
export const BINDINGS: readonly Binding[] = [
  { command: "nextCandidate", keys: ["Tab", "C"], description: "Next candidate mask" },
  { command: "previousCandidate", keys: ["Shift + Tab"], description: "Previous candidate mask" },
  { command: "candidate", keys: ["Shift + 1", "…", "4"], description: "Choose a candidate mask" },
  {
    command: "accept",
    keys: ["Enter"],
    description: "Save the mask with the current label, or close a polygon",
  },
  { command: "cancel", keys: ["Esc"], description: "Give up the gesture or the mask, or deselect" },
  { command: "label", keys: ["1", "…", "9"], description: "Choose a label, or relabel the selected mask" },
  { command: "everything", keys: ["G"], description: "Propose everything under the box, or in view" },
  { command: "refine", keys: ["M"], description: "Refine the selected mask with clicks" },
  { command: "toggleYields", keys: ["Y"], description: "New masks yield to existing ones, or may overlap" },
  { command: "delete", keys: ["Delete", "Backspace"], description: "Delete the selected mask, or a corner" },
  { command: "copy", keys: ["Ctrl + C"], description: "Copy the selected masks" },
  { command: "paste", keys: ["Ctrl + V"], description: "Paste copies on this image" },
  {
    command: "copyToNext",
    keys: ["Shift + →"],
    description: "Go to the next image with copies of the selected masks",
  },
  { command: "copyToPrevious", keys: ["Shift + ←"], description: "The same with the previous image" },
  { command: "toggleSaved", keys: ["H"], description: "Hide or show the saved masks" },
  { command: "undo", keys: ["Ctrl + Z"], description: "Undo" },
  { command: "redo", keys: ["Ctrl + Shift + Z", "Ctrl + Y"], description: "Redo" },
  { command: "brushSmaller", keys: ["["], description: "Smaller brush" },
  { command: "brushLarger", keys: ["]"], description: "Larger brush" },
  { command: "nextImage", keys: ["N", "→"], description: "Next image" },
  { command: "previousImage", keys: ["Shift + N", "←"], description: "Previous image" },
  {
    command: "conflictTheirs",
    keys: ["Shift + T"],
    description: "Of a mask changed by two people: keep theirs",
  },
  { command: "conflictMine", keys: ["Shift + M"], description: "Of a mask changed by two people: keep mine" },
  { command: "conflictBoth", keys: ["Shift + B"], description: "Of a mask changed by two people: keep both" },
  { command: "fit", keys: ["F"], description: "Fit the image" },
  { command: "actualSize", keys: ["0"], description: "One image pixel per screen pixel" },
  { command: "zoomIn", keys: ["+"], description: "Zoom in" },
  { command: "zoomOut", keys: ["-"], description: "Zoom out" },
  { command: "showKeys", keys: ["?"], description: "Show this map" },
];

export interface ToolDescription {
  readonly tool: ToolName;
  readonly key: string;
  readonly name: string;
  readonly description: string;
}

/** The tools, their keys and what they do, for the tool strip and the map. */
export const TOOLS: readonly ToolDescription[] = [
  {
    tool: "smart",
    key: "S",
    name: "Smart tool",
    description: "Click or drag a box; the model finds the mask",
  },
  { tool: "brush", key: "B", name: "Brush", description: "Paint; Alt or right button erases" },
  { tool: "eraser", key: "E", name: "Eraser", description: "Erase; Alt or right button paints" },
  { tool: "polygon", key: "P", name: "Polygon", description: "Click corners, Enter fills; Alt takes away" },
  { tool: "rectangle", key: "R", name: "Rectangle", description: "Drag to fill; Alt takes away" },
];

const OPERATION_KEYS: Readonly<Record<MaskOperation, string>> = {
  fillHoles: "Shift + F",
  dropSpecks10: "Shift + Q",
  dropSpecks100: "Shift + W",
  dropSpecks1000: "Shift + E",
  keepLargest: "Shift + L",
  smooth: "Shift + O",
  grow: ".",
  shrink: ",",
  split: "Shift + X",
  merge: "Shift + U",
  subtract: "Shift + K",
};

/** What the menu of a mask offers, with the keys. */
export const OPERATIONS = [...CLEANINGS, ...COMBININGS].map(({ name, title }) => ({
  operation: name,
  title,
  key: OPERATION_KEYS[name],
}));

export function operationKey(operation: MaskOperation): string {
  return OPERATION_KEYS[operation];
}

/** Pointer gestures, for the same list. */
export const GESTURES: readonly { readonly gesture: string; readonly description: string }[] = [
  { gesture: "Move", description: "Preview the mask under the pointer" },
  { gesture: "Click", description: "Add to the mask" },
  { gesture: "Alt + click, right click", description: "Take away from the mask" },
  { gesture: "Drag", description: "Ask with a box" },
  { gesture: "Drag a click or the box", description: "Move it; the mask follows" },
  { gesture: "Ctrl + click on it, Delete over it", description: "Remove it; the right button has more" },
  { gesture: "Shift + click", description: "Select a saved mask" },
  { gesture: "Ctrl + click in the list", description: "Select several masks (keyboard: Ctrl + Space)" },
  { gesture: "Shift + drag", description: "A straight line with brush and eraser" },
  { gesture: "Ctrl + wheel", description: "Size of brush and eraser" },
  { gesture: "Wheel", description: "Zoom at the pointer" },
  { gesture: "Space + drag, middle drag", description: "Move the image" },
];

type PlainName = Exclude<CommandName, "label" | "candidate" | "operate" | "tool">;

const PLAIN: Readonly<Record<string, PlainName>> = {
  Enter: "accept",
  Escape: "cancel",
  Delete: "delete",
  Backspace: "delete",
  Tab: "nextCandidate",
  c: "nextCandidate",
  f: "fit",
  h: "toggleSaved",
  "0": "actualSize",
  n: "nextImage",
  ArrowRight: "nextImage",
  g: "everything",
  m: "refine",
  y: "toggleYields",
  "[": "brushSmaller",
  "]": "brushLarger",
  ArrowLeft: "previousImage",
  "?": "showKeys",
  "+": "zoomIn",
  "=": "zoomIn",
  "-": "zoomOut",
};

const SHIFTED: Readonly<Record<string, PlainName>> = {
  n: "previousImage",
  t: "conflictTheirs",
  m: "conflictMine",
  b: "conflictBoth",
};

/** The command of a key, or null. Combinations that belong to the browser are left alone. */
export function commandOf(key: Key): Command | null {
  const letter = key.key.length === 1 ? key.key.toLowerCase() : key.key;
  if (key.altKey) return null;
  if (key.ctrlKey || key.metaKey) {
    if (letter === "z") return { name: key.shiftKey ? "redo" : "undo" };
    if (letter === "y" && !key.shiftKey) return { name: "redo" };
    if (letter === "c" && !key.shiftKey) return { name: "copy" };
    if (letter === "v" && !key.shiftKey) return { name: "paste" };
    return null;
  }
  // By the key's place: with Shift it types another sign on every keyboard.
  if (key.shiftKey && /^Digit[1-4]$/.test(key.code)) {
    return { name: "candidate", index: Number(key.code.slice(-1)) - 1 };
  }
  if (key.shiftKey && key.key === "ArrowRight") return { name: "copyToNext" };
  if (key.shiftKey && key.key === "ArrowLeft") return { name: "copyToPrevious" };
  if (key.shiftKey && key.key === "Tab") return { name: "previousCandidate" };
  if (!key.shiftKey && /^[1-9]$/.test(key.key)) return { name: "label", index: Number(key.key) - 1 };
  const shifted = key.shiftKey ? SHIFTED[letter] : undefined;
  if (shifted) return { name: shifted };
  const combination = `${key.shiftKey && /^[a-z]$/.test(letter) ? "Shift + " : ""}${letter.toUpperCase()}`;
  const operated = OPERATIONS.find((item) => item.key === combination);
  if (operated) return { name: "operate", operation: operated.operation };
  const chosen = TOOLS.find((item) => item.key.toLowerCase() === letter);
  if (chosen) return { name: "tool", tool: chosen.tool };
  const name = PLAIN[letter];
  return name ? { name } : null;
}

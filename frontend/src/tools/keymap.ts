export type Command =
  | {
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
        | "zoomOut";
    }
  | { readonly name: "nextCandidate" | "previousCandidate" | "nextImage" | "previousImage" | "showKeys" }
  | { readonly name: "label"; readonly index: number };

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
  { command: "accept", keys: ["Enter"], description: "Save the mask with the current label" },
  { command: "cancel", keys: ["Esc"], description: "Give up the mask, or deselect" },
  { command: "label", keys: ["1", "…", "9"], description: "Choose a label, or relabel the selected mask" },
  { command: "delete", keys: ["Delete", "Backspace"], description: "Delete the selected mask" },
  { command: "toggleSaved", keys: ["H"], description: "Hide or show the saved masks" },
  { command: "undo", keys: ["Ctrl + Z"], description: "Undo" },
  { command: "redo", keys: ["Ctrl + Shift + Z", "Ctrl + Y"], description: "Redo" },
  { command: "nextImage", keys: ["N", "→"], description: "Next image" },
  { command: "previousImage", keys: ["P", "←"], description: "Previous image" },
  { command: "fit", keys: ["F"], description: "Fit the image" },
  { command: "actualSize", keys: ["0", "Shift + 1"], description: "One image pixel per screen pixel" },
  { command: "zoomIn", keys: ["+"], description: "Zoom in" },
  { command: "zoomOut", keys: ["-"], description: "Zoom out" },
  { command: "showKeys", keys: ["?"], description: "Show this map" },
];

/** Pointer gestures, for the same list. */
export const GESTURES: readonly { readonly gesture: string; readonly description: string }[] = [
  { gesture: "Move", description: "Preview the mask under the pointer" },
  { gesture: "Click", description: "Add to the mask" },
  { gesture: "Alt + click, right click", description: "Take away from the mask" },
  { gesture: "Drag", description: "Ask with a box" },
  { gesture: "Shift + click", description: "Select a saved mask" },
  { gesture: "Wheel", description: "Zoom at the pointer" },
  { gesture: "Space + drag, middle drag", description: "Move the image" },
];

const PLAIN: Readonly<Record<string, CommandName>> = {
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
  p: "previousImage",
  ArrowLeft: "previousImage",
  "?": "showKeys",
  "+": "zoomIn",
  "=": "zoomIn",
  "-": "zoomOut",
};

/** The command of a key, or null. Combinations that belong to the browser are left alone. */
export function commandOf(key: Key): Command | null {
  const letter = key.key.length === 1 ? key.key.toLowerCase() : key.key;
  if (key.altKey) return null;
  if (key.ctrlKey || key.metaKey) {
    if (letter === "z") return { name: key.shiftKey ? "redo" : "undo" };
    if (letter === "y" && !key.shiftKey) return { name: "redo" };
    return null;
  }
  if (key.shiftKey && key.code === "Digit1") return { name: "actualSize" };
  if (key.shiftKey && key.key === "Tab") return { name: "previousCandidate" };
  if (!key.shiftKey && /^[1-9]$/.test(key.key)) return { name: "label", index: Number(key.key) - 1 };
  const name = PLAIN[letter];
  return name && name !== "label" ? { name } : null;
}

import type { MaskHistoryEntry, MaskTool } from "../../../api/types";

const TOOL_NAMES: Readonly<Record<MaskTool, string>> = {
  smart: "Smart tool",
  box: "Box",
  brush: "Brush",
  eraser: "Eraser",
  polygon: "Polygon",
  rectangle: "Rectangle",
  clean_up: "Clean up",
  paste: "Paste",
  split: "Split",
  merge: "Merge",
  import: "Import",
  restore: "Restored",
  relabel: "Other label",
  other: "",
};

/** The rest follows from these, or is of no interest to people. */
const FIELD_NAMES: Readonly<Record<string, string>> = {
  label: "label",
  segmentation: "outline",
  z: "depth",
  attributes: "attributes",
};

/** The tool's name; empty where nobody said it. */
export function toolName(tool: MaskTool | null): string {
  return tool === null ? "" : TOOL_NAMES[tool];
}

/** What happened, in a few words. `isOldest`: nothing is known of before. */
export function whatText({ what, revision, is_deleted }: MaskHistoryEntry, isOldest: boolean): string {
  if (is_deleted) return "Deleted";
  if (revision === 1) return "Made";
  if (isOldest) return "As it was before its history was kept";
  const names = what.flatMap((name) => FIELD_NAMES[name] ?? []);
  if (names.length > 0) return `Changed: ${names.join(", ")}`;
  return what.includes("prompts") ? "Changed: clicks" : "Saved as it was";
}

interface Standing {
  /** Changes of the mask that are not on the server yet. */
  readonly isWaiting: boolean;
  readonly isLocked: boolean;
  readonly isAllowed: boolean;
}

/** Why nothing of the mask can be restored now; null when it can. */
export function restoreProblem({ isWaiting, isLocked, isAllowed }: Standing): string | null {
  if (!isAllowed) return "Your role in this project does not allow it.";
  if (isWaiting) return "Changes of this mask are still being saved.";
  return isLocked ? "This mask is locked. Unlock it first." : null;
}

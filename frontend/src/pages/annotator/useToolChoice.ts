import { useState } from "react";
import type { ToolName } from "../../tools/tool";

/** The tool in hand. A comment is one click: then, or when it is given up, the tool before it is back. */
export function useToolChoice() {
  const [{ tool }, setChoice] = useState<{ tool: ToolName; before: ToolName }>({
    tool: "smart",
    before: "smart",
  });
  return {
    tool,
    chooseTool: (wanted: ToolName) =>
      setChoice((now) => ({ tool: wanted, before: now.tool === "comment" ? now.before : now.tool })),
    /** Returns whether a place for a comment was being chosen. */
    leaveCommentTool: (): boolean => {
      setChoice((now) => (now.tool === "comment" ? { tool: now.before, before: now.before } : now));
      return tool === "comment";
    },
  };
}

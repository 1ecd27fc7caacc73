import { describe, expect, it } from "vitest";
import { DEFAULT_VIEW } from "../state/viewOptions";
import { BINDINGS } from "./commands";
import { viewChange } from "./viewCommands";

describe("the commands of the view", () => {
  it("each change it, but for those that open something", () => {
    const dark = { ...DEFAULT_VIEW, brightness: 2 };
    for (const { command, group } of BINDINGS) {
      const change = viewChange(command.name);
      const isElsewhere = ["viewOptions", "showKeys", "toggleSaved", "guidelines"].includes(command.name);
      expect(change !== null, command.name).toBe(group === "View" && !isElsewhere);
      if (change) expect(change(dark), command.name).not.toEqual(dark);
    }
  });

  it("are taken back by their opposites", () => {
    for (const [there, back] of [
      ["brighter", "darker"],
      ["lessContrast", "moreContrast"],
      ["moreGamma", "lessGamma"],
      ["lessOpaque", "moreOpaque"],
      ["toggleOutlines", "toggleOutlines"],
      ["toggleInstanceColors", "toggleInstanceColors"],
      ["nextChannel", "resetView"],
    ] as const) {
      expect(viewChange(back)!(viewChange(there)!(DEFAULT_VIEW))).toEqual(DEFAULT_VIEW);
    }
  });
});

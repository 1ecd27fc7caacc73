import { expect, it } from "vitest";
import type { MaskHistoryEntry } from "../../../api/types";
import { restoreProblem, toolName, whatText } from "./historyTexts";

function entry(rest: Partial<MaskHistoryEntry>): MaskHistoryEntry {
  const nobody = { by: null, at: "2026-03-01T12:00:00Z", tool: null, label: null, area: 1 };
  return { ...nobody, revision: 2, what: [], is_current: false, is_deleted: false, ...rest };
}

it("says what happened to a mask", () => {
  const texts = [
    entry({ revision: 1 }),
    entry({ what: ["label", "segmentation", "predicted_iou"] }),
    entry({ what: ["prompts", "seconds_spent"] }),
    entry({ what: ["seconds_spent"] }),
    entry({ is_deleted: true }),
  ].map((one) => whatText(one, false));
  expect(texts).toEqual(["Made", "Changed: label, outline", "Changed: clicks", "Saved as it was", "Deleted"]);
  expect(whatText(entry({ revision: 6 }), true)).toBe("As it was before its history was kept");
});

it("names tools, and nothing where nobody said which", () => {
  expect([toolName("brush"), toolName("clean_up"), toolName(null)]).toEqual(["Brush", "Clean up", ""]);
});

it("says why nothing can be restored", () => {
  const fine = { isWaiting: false, isLocked: false, isAllowed: true };
  expect(restoreProblem(fine)).toBeNull();
  expect(restoreProblem({ ...fine, isWaiting: true })).toContain("being saved");
  expect(restoreProblem({ ...fine, isLocked: true })).toContain("locked");
  expect(restoreProblem({ ...fine, isAllowed: false, isWaiting: true })).toContain("role");
});

import type { CheckedImage, CheckFigures } from "../../api/types";
import { counted } from "../common/formats";

/** Shares of masks that SA-1B's own check found (Segment Anything, section 5). */
export const PAPER = { above_90: 0.94, above_75: 0.97 } as const;

/** "94.0 %" */
export function exactShare(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** "94.0 % (92.1 to 95.5)" */
export function intervalText({ share, low, high }: CheckFigures["above_90"]): string {
  return `${exactShare(share)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
}

type Counts = Pick<CheckFigures, "redrawn" | "relabelled" | "deleted" | "added">;

/** "3 redrawn, 1 deleted"; what there was none of is not told. */
export function correctionsText({ redrawn, relabelled, deleted, added }: Counts): string {
  const told = [
    [redrawn, "redrawn"],
    [relabelled, "relabelled"],
    [deleted, "deleted"],
    [added, "added"],
  ] as const;
  const there = told.filter(([count]) => count > 0);
  if (there.length === 0) return "nothing corrected";
  return there.map(([count, what]) => `${count.toLocaleString("en")} ${what}`).join(", ");
}

export const CHECKED_LOOKS: Readonly<
  Record<CheckedImage["state"], { readonly label: string; readonly color: string }>
> = {
  open: { label: "Waits", color: "gray" },
  submitted: { label: "Checked", color: "teal" },
  released: { label: "Not checked", color: "gray" },
  applied: { label: "Taken over", color: "blue" },
};

/** What taking over came to: "12 corrections taken over, 1 not: its mask was changed meanwhile". */
export function appliedText({
  applied_count: applied,
  refused_count: refused,
}: {
  readonly applied_count: number;
  readonly refused_count: number;
}): string {
  const taken = `${counted(applied, "correction")} taken over`;
  if (refused === 0) return `${taken}.`;
  return `${taken}, ${refused.toLocaleString("en")} not: ${refused === 1 ? "the mask was" : "the masks were"} changed meanwhile.`;
}

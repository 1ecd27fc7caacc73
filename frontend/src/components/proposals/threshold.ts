import type { Confidences } from "../../api/proposals";

const USUAL = 0.9;
/** Of the open ones so many lie above the first threshold at least: a small model's scores are low throughout. */
const SHARE_ABOVE = 0.1;

/** Where the threshold stands until somebody moves it: at 0.9, or where a tenth of what is open lies above it. */
export function firstThreshold(bins: Confidences["bins"]): number {
  const total = bins.reduce((sum, { open }) => sum + open, 0);
  let above = 0;
  for (const { least, open } of [...bins].reverse()) {
    above += open;
    if (total > 0 && above >= SHARE_ABOVE * total) return Math.min(USUAL, least);
  }
  return USUAL;
}

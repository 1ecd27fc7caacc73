import type { Candidate } from "../../state/annotation";

const SINGLE = 0;
const BY_SIZE = ["Whole", "Part", "Subpart"];

/** Why there is a choice at all, for tooltips. */
export const CHOICE_EXPLAINED =
  "One click can mean a whole thing, a part of it or a part of that part. The decoder answers all three; " +
  "the best guess comes first, the names go by size.";

/** By size among the three ambiguous masks: which token means what is nothing the model promises. */
export function candidateNames(candidates: readonly Candidate[]): string[] {
  const bySize = candidates
    .filter(({ candidate }) => candidate !== SINGLE)
    .sort((a, b) => b.mask.area - a.mask.area);
  return candidates.map((item) => {
    if (item.modelMask === item.mask) return "Proposed";
    if (item.lowRes === null) return item.predictedIou === null ? "By hand" : "Saved";
    return item.candidate === SINGLE ? "Refined" : (BY_SIZE[bySize.indexOf(item)] ?? "Mask");
  });
}

import type { ProposalCounts, ProposalState } from "../../api/proposals";

/** Of Mantine's palette, told apart by colour-blind people and in both schemes; the names stand beside them. */
export const STATE_LOOKS: Readonly<Record<ProposalState, { readonly name: string; readonly color: string }>> =
  {
    open: { name: "Open", color: "sky.6" },
    accepted: { name: "Accepted", color: "teal.6" },
    rejected: { name: "Rejected", color: "orange.7" },
    superseded: { name: "Superseded", color: "gray.6" },
  };

export const STATES = Object.keys(STATE_LOOKS) as readonly ProposalState[];

export interface OutcomePart {
  readonly key: string;
  readonly name: string;
  readonly color: string;
  readonly count: number;
  /** Of all, 0 to 100. */
  readonly percent: number;
}

/** What became of a run's proposals, as parts of a bar in the order in which they are read. Empty where it found none. */
export function outcomeParts(counts: ProposalCounts): OutcomePart[] {
  const parts = [
    { key: "untouched", name: "accepted as they are", color: "teal.6", count: counts.untouched },
    { key: "fixed", name: "accepted and put right", color: "lime.5", count: counts.fixed },
    { key: "rejected", name: "rejected", color: "orange.7", count: counts.rejected },
    { key: "open", name: "open", color: "sky.6", count: counts.open },
    { key: "superseded", name: "superseded", color: "gray.6", count: counts.superseded },
  ];
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  return parts
    .filter(({ count }) => count > 0)
    .map((part) => ({ ...part, percent: (100 * part.count) / total }));
}

/** "12 accepted as they are, 3 rejected"; what a bar says to who cannot see it. */
export function outcomeText(counts: ProposalCounts): string {
  const parts = outcomeParts(counts);
  if (parts.length === 0) return "No proposals";
  return parts.map(({ name, count }) => `${count.toLocaleString("en")} ${name}`).join(", ");
}

export const STAGES = {
  semi_automatic: { name: "Stage 2", title: "People decide on each image" },
  fully_automatic: { name: "Stage 3", title: "Decide on the contact sheet" },
} as const;

import type { ConsensusState } from "../../api/types";

/** What the states of a round's images are called, and their colours of Mantine's palette. */
export const CONSENSUS_LOOKS: Readonly<Record<ConsensusState, { label: string; color: string }>> = {
  open: { label: "Being labelled", color: "sky" },
  ready: { label: "To be resolved", color: "grape" },
  resolved: { label: "Resolved", color: "teal" },
  released: { label: "Given back", color: "gray" },
};

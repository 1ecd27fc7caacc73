import { IconCheck, IconStack2, IconX } from "@tabler/icons-react";
import type { ProposalState } from "../../api/proposals";
import type { CardTexts, SheetItem } from "../sheet/SheetCard";
import { STATE_LOOKS } from "./outcomes";

/** What of a proposal the sheet shows. */
export interface ProposalItem extends SheetItem {
  readonly image: number;
  readonly fileName: string;
  readonly predictedIou: number;
  readonly stabilityScore: number;
  readonly area: number;
  readonly state: ProposalState;
}

const ICONS = { accepted: IconCheck, rejected: IconX, superseded: IconStack2 } as const;

/** What the model thinks of a proposal, and what became of it. */
export function proposalTexts({ fileName, predictedIou, state }: ProposalItem): CardTexts {
  const { name } = STATE_LOOKS[state];
  const Icon = state === "open" ? null : ICONS[state];
  return {
    name: `${fileName}, predicted IoU ${predictedIou.toFixed(2)}, ${name.toLowerCase()}`,
    caption: predictedIou.toFixed(2),
    state,
    mark: Icon && (
      <>
        <Icon size={13} stroke={2.5} /> {name}
      </>
    ),
  };
}

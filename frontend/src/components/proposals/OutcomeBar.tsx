import { Progress } from "@mantine/core";
import type { ProposalCounts } from "../../api/proposals";
import { tooltip } from "../common/tooltip";
import { outcomeParts, outcomeText } from "./outcomes";

/** What became of a run's proposals, as one small stacked bar. */
export function OutcomeBar({ counts }: { readonly counts: ProposalCounts }) {
  return (
    <Progress.Root
      size={12}
      radius="sm"
      {...tooltip(outcomeText(counts), "top")}
      role="img"
      aria-label={outcomeText(counts)}
      data-testid="outcome-bar"
    >
      {outcomeParts(counts).map(({ key, color, percent }) => (
        <Progress.Section key={key} value={percent} color={color} withAria={false} data-outcome={key} />
      ))}
    </Progress.Root>
  );
}

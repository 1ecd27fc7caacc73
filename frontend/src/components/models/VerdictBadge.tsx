import { Badge } from "@mantine/core";
import { IconArrowDownRight, IconArrowUpRight, IconEqual } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { VERDICTS, type Verdict } from "./trainingTexts";

const ICONS: Readonly<Record<Verdict, ReactNode>> = {
  better: <IconArrowUpRight size={12} />,
  same: <IconEqual size={12} />,
  worse: <IconArrowDownRight size={12} />,
};

/** What came of a retraining, in a word. */
export function VerdictBadge({ verdict }: { readonly verdict: Verdict }) {
  const { label, color } = VERDICTS[verdict];
  return (
    <Badge
      variant="light"
      color={color}
      tt="none"
      leftSection={ICONS[verdict]}
      data-testid="verdict"
      data-verdict={verdict}
    >
      {label}
    </Badge>
  );
}

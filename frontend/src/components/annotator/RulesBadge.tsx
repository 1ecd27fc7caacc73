import { Badge } from "@mantine/core";
import { tooltip } from "../common/tooltip";
import { rulesTexts, type StageRules } from "../project/stageRules";

/** Says by which rules one labels here, where these are not the usual ones. */
export function RulesBadge({ rules }: { readonly rules: StageRules }) {
  const texts = rulesTexts(rules);
  if (texts.length === 0) return null;
  const text = `In this project: ${texts.join(", ")}.`;
  return (
    <Badge
      {...tooltip(text)}
      variant="light"
      tt="none"
      style={{ flexShrink: 0 }}
      aria-label={`Stage 1 rules. ${text}`}
      data-testid="stage-rules"
    >
      Stage 1 rules
    </Badge>
  );
}

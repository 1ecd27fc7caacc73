import { Badge, Button, Group, Text, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import type { Label, MaskHistoryEntry } from "../../../api/types";
import { sinceWhen } from "../../common/formats";
import { toolName, whatText } from "./historyTexts";

interface Props {
  readonly entry: MaskHistoryEntry;
  readonly isOldest: boolean;
  readonly label: Label | null;
  readonly preview: ReactNode;
  /** Why it cannot be restored now; null when it can. */
  readonly problem: string | null;
  readonly isBusy: boolean;
  readonly onRestore: () => void;
}

/** A state of a mask: what was done, by whom, when and with what, and the way back to it. */
export function HistoryRow({ entry, isOldest, label, preview, problem, isBusy, onRestore }: Props) {
  const tool = entry.is_deleted ? "" : toolName(entry.tool);
  const who = entry.by?.display_name ?? "Somebody who is gone";
  return (
    <Group
      component="li"
      wrap="nowrap"
      gap="sm"
      className="history-row"
      data-testid="history-row"
      data-revision={entry.revision}
      data-deleted={entry.is_deleted}
      data-current={entry.is_current}
    >
      {entry.is_deleted ? <span className="shape-preview" aria-hidden /> : preview}
      <div style={{ flex: 1, minWidth: 0 }}>
        <Text size="sm" fw={600}>
          {whatText(entry, isOldest)}{" "}
          {tool && (
            <Badge size="sm" variant="light" data-testid="history-tool">
              {tool}
            </Badge>
          )}
        </Text>
        <Text size="xs" className="faint" title={new Date(entry.at).toLocaleString("en")}>
          {who}, {sinceWhen(new Date(entry.at), new Date())}
        </Text>
        {!entry.is_deleted && (
          <Text size="xs" className="faint">
            {label?.name ?? "No label"}
            {entry.area !== null && ` · ${entry.area.toLocaleString("en")} px`}
          </Text>
        )}
      </div>
      {entry.is_current && <Badge color="gray">Now</Badge>}
      {!entry.is_current && !entry.is_deleted && (
        <Tooltip label={problem ?? ""} disabled={problem === null}>
          <Button
            size="compact-sm"
            variant="default"
            {...(problem === null ? {} : { "data-disabled": true })}
            aria-disabled={problem !== null}
            loading={isBusy}
            onClick={() => problem === null && onRestore()}
            data-testid="history-restore"
          >
            Restore
          </Button>
        </Tooltip>
      )}
    </Group>
  );
}

import { Alert, Button, Group, Kbd, Stack, Text, Tooltip } from "@mantine/core";
import { IconArrowsSplit2 } from "@tabler/icons-react";
import type { Label } from "../../api/types";
import type { SavedMask } from "../../state/annotation";
import type { Conflict } from "../../state/pendingChange";
import { sinceWhen } from "../common/formats";

export type Choice = "theirs" | "mine" | "both";

interface Props {
  readonly conflicts: readonly Conflict[];
  readonly labels: readonly Label[];
  readonly onChoose: (conflict: Conflict, choice: Choice) => void;
}

const KEYS: Readonly<Record<Choice, string>> = { theirs: "T", mine: "M", both: "B" };

/** Masks that two people changed at the same time: who, when, both versions, and the choice. */
export function ConflictList({ conflicts, ...rest }: Props) {
  if (conflicts.length === 0) return null;
  return (
    <Stack gap="xs" role="list" aria-label="Changed by two people">
      {conflicts.map((conflict, index) => (
        <ConflictCard key={conflict.id} conflict={conflict} isFirst={index === 0} {...rest} />
      ))}
    </Stack>
  );
}

function ConflictCard({
  conflict,
  labels,
  isFirst,
  onChoose,
}: Omit<Props, "conflicts"> & { readonly conflict: Conflict; readonly isFirst: boolean }) {
  const { mine, theirs } = conflict;
  const who = theirs.by ?? "Somebody else";
  const when = theirs.at ? ` ${sinceWhen(new Date(theirs.at), new Date())}` : "";
  const choices: readonly { choice: Choice; name: string; isShown: boolean }[] = [
    { choice: "theirs", name: theirs.mask ? "Keep theirs" : "Leave it deleted", isShown: true },
    {
      choice: "mine",
      name: mine ? (theirs.mask ? "Keep mine" : "Bring mine back") : "Delete it",
      isShown: true,
    },
    { choice: "both", name: "Keep both", isShown: mine !== null && theirs.mask !== null },
  ];
  return (
    <Alert
      color="orange"
      p="xs"
      role="listitem"
      icon={<IconArrowsSplit2 size={18} />}
      title={`${who} ${theirs.mask ? "changed" : "deleted"} this mask${when}`}
      data-testid="conflict-item"
      data-mask-id={conflict.maskId}
    >
      <Stack gap={6}>
        <Version name={`${who}'s`} mask={theirs.mask} labels={labels} />
        <Version name="Yours" mask={mine} labels={labels} isDashed />
        <Group gap={6}>
          {choices
            .filter(({ isShown }) => isShown)
            .map(({ choice, name }) => (
              <Tooltip key={choice} label={`Shift+${KEYS[choice]}`} disabled={!isFirst}>
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => onChoose(conflict, choice)}
                  data-testid={`conflict-${choice}`}
                >
                  {name}
                </Button>
              </Tooltip>
            ))}
        </Group>
        {isFirst && (
          <Text size="xs">
            <Kbd size="xs">Shift</Kbd> with T, M or B. Nothing is lost until you choose.
          </Text>
        )}
      </Stack>
    </Alert>
  );
}

function Version({
  name,
  mask,
  labels,
  isDashed = false,
}: {
  readonly name: string;
  readonly mask: SavedMask | null;
  readonly labels: readonly Label[];
  readonly isDashed?: boolean;
}) {
  const label = mask && labels.find(({ id }) => id === mask.labelId);
  return (
    <Group gap={8} wrap="nowrap">
      <span
        className="outline-sample"
        data-dashed={isDashed}
        style={{ borderColor: label?.color ?? "currentColor" }}
        aria-hidden
      />
      <Text size="xs" truncate>
        {name}:{" "}
        {mask ? `${label?.name ?? "unknown label"}, ${mask.mask.area.toLocaleString("en")} px` : "deleted"}
      </Text>
    </Group>
  );
}

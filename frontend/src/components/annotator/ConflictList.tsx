import { Alert, Button, Group, Kbd, Stack, Text, Tooltip } from "@mantine/core";
import { IconArrowsSplit2 } from "@tabler/icons-react";
import { Fragment } from "react";
import type { Label } from "../../api/types";
import type { SavedMask } from "../../state/annotation";
import { valueOf } from "../../state/attributes";
import type { Conflict } from "../../state/pendingChange";
import type { Command } from "../../tools/commands";
import { sinceWhen } from "../common/formats";
import { useKeyText } from "./KeymapContext";

export type Choice = "theirs" | "mine" | "both";

interface Props {
  readonly conflicts: readonly Conflict[];
  readonly labels: readonly Label[];
  readonly onChoose: (conflict: Conflict, choice: Choice) => void;
}

const COMMANDS = {
  theirs: { name: "conflictTheirs" },
  mine: { name: "conflictMine" },
  both: { name: "conflictBoth" },
} as const satisfies Record<Choice, Command>;

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
  const keyText = useKeyText();
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
        <Version name={`${who}'s`} mask={theirs.mask} other={mine} labels={labels} />
        <Version name="Yours" mask={mine} other={theirs.mask} labels={labels} isDashed />
        <Group gap={6}>
          {choices
            .filter(({ isShown }) => isShown)
            .map(({ choice, name }) => (
              <Tooltip
                key={choice}
                label={keyText(COMMANDS[choice])}
                disabled={!isFirst || keyText(COMMANDS[choice]) === ""}
              >
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
            {choices
              .filter(({ choice, isShown }) => isShown && keyText(COMMANDS[choice]) !== "")
              .map(({ choice }) => (
                <Fragment key={choice}>
                  <Kbd size="xs">{keyText(COMMANDS[choice])}</Kbd>{" "}
                </Fragment>
              ))}
            Nothing is lost until you choose.
          </Text>
        )}
      </Stack>
    </Alert>
  );
}

function Version({
  name,
  mask,
  other,
  labels,
  isDashed = false,
}: {
  readonly name: string;
  readonly mask: SavedMask | null;
  readonly other: SavedMask | null;
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
        {name}: {mask ? versionText(mask, other, label ?? null) : "deleted"}
      </Text>
    </Group>
  );
}

/** What a version is; depth and attributes only where they tell the two apart. */
function versionText(mask: SavedMask, other: SavedMask | null, label: Label | null): string {
  const labelName = label?.name ?? (mask.labelId === null ? "no label" : "unknown label");
  const depth = other && other.z !== mask.z ? [`depth ${mask.z}`] : [];
  const told = (label?.attributes ?? []).flatMap((attribute) => {
    const value = valueOf(mask.attributes, attribute);
    const isApart = other && valueOf(other.attributes, attribute) !== value;
    return isApart ? [`${attribute.name}: ${value === null || value === "" ? "–" : String(value)}`] : [];
  });
  return [labelName, `${mask.mask.area.toLocaleString("en")} px`, ...depth, ...told].join(", ");
}

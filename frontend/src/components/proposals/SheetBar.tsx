import { Anchor, Button, Group, Kbd, Select, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Label } from "../../api/types";
import { counted } from "../common/formats";
import { STATE_LOOKS } from "./outcomes";
import type { ProposalItem } from "./proposalCard";

interface Props {
  readonly selectedCount: number;
  readonly current: ProposalItem | null;
  readonly labels: readonly Label[];
  /** Of what is accepted; null for the run's, or none. */
  readonly labelId: number | null;
  readonly mayDecide: boolean;
  readonly canUndo: boolean;
  readonly onLabel: (labelId: number | null) => void;
  readonly onAccept: () => void;
  readonly onReject: () => void;
  readonly onUndo: () => void;
  readonly onOnlyImage: (image: number) => void;
}

/** What is to be done with what is selected, else with the one that one is at; and where that one comes from. */
export function SheetBar({ selectedCount, current, labels, labelId, mayDecide, canUndo, ...on }: Props) {
  const chosen = selectedCount > 0 ? counted(selectedCount, "proposal") : current ? "This one" : "Nothing";
  const isNone = selectedCount === 0 && current === null;
  return (
    <Group className="surface sheet-bar" gap="sm" justify="space-between" data-testid="sheet-bar">
      <Group gap="sm" style={{ flex: "1 1 320px" }} miw={0}>
        <Text size="sm" fw={600} data-testid="sheet-chosen" data-count={selectedCount} aria-live="polite">
          {chosen}
        </Text>
        {current && (
          <Text size="sm" c="dimmed" data-testid="sheet-current">
            <Anchor
              component={Link}
              to={`/images/${current.image}`}
              size="sm"
              underline="always"
              data-testid="sheet-open-image"
            >
              {current.fileName}
            </Anchor>
            {` · IoU ${current.predictedIou.toFixed(2)} · stability ${current.stabilityScore.toFixed(2)} · ${current.area.toLocaleString("en")} px · ${STATE_LOOKS[current.state].name.toLowerCase()} · `}
            <Anchor
              component="button"
              type="button"
              size="sm"
              underline="always"
              onClick={() => on.onOnlyImage(current.image)}
              data-testid="sheet-only-image"
            >
              only this image
            </Anchor>
          </Text>
        )}
      </Group>
      {mayDecide && (
        <Group gap={6}>
          <Select
            size="xs"
            w={200}
            aria-label="Label of what is accepted"
            placeholder="The run’s label, or none"
            clearable
            value={labelId === null ? null : String(labelId)}
            onChange={(value) => on.onLabel(value === null ? null : Number(value))}
            data={labels.map(({ id, name }) => ({ value: String(id), label: name }))}
            data-testid="sheet-label"
          />
          <Button size="xs" disabled={isNone} onClick={on.onAccept} data-testid="sheet-accept">
            Accept
            <Kbd size="xs" ml={6}>
              A
            </Kbd>
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={isNone}
            onClick={on.onReject}
            data-testid="sheet-reject"
          >
            Reject
            <Kbd size="xs" ml={6}>
              R
            </Kbd>
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={!canUndo}
            onClick={on.onUndo}
            data-testid="sheet-undo"
          >
            Undo
            <Kbd size="xs" ml={6}>
              U
            </Kbd>
          </Button>
        </Group>
      )}
    </Group>
  );
}

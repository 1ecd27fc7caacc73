import { Anchor, Button, Group, Kbd, Select, Text } from "@mantine/core";
import type { Label } from "../../api/types";
import { counted } from "../common/formats";
import type { SimilarItem } from "./similarCard";

interface Props {
  readonly selectedCount: number;
  readonly current: SimilarItem | null;
  readonly labels: readonly Label[];
  readonly mayLabel: boolean;
  readonly isBusy: boolean;
  readonly canUndo: boolean;
  readonly onLabel: (labelId: number | null) => void;
  readonly onUndo: () => void;
  readonly onOpen: (item: SimilarItem) => void;
}

const NONE = "none";

/** What is to be done with the masks that are selected, else with the one that one is at; and where that one is. */
export function SimilarBar({ selectedCount, current, labels, mayLabel, isBusy, canUndo, ...on }: Props) {
  const chosen = selectedCount > 0 ? counted(selectedCount, "mask") : current ? "This one" : "Nothing";
  const labelName = labels.find(({ id }) => id === current?.label)?.name ?? "no label";
  return (
    <Group gap="sm" justify="space-between" data-testid="similar-bar">
      <Group gap="sm" style={{ flex: "1 1 280px" }} miw={0}>
        <Text size="sm" fw={600} data-testid="similar-chosen" data-count={selectedCount} aria-live="polite">
          {chosen}
        </Text>
        {current && (
          <Text size="sm" c="dimmed">
            <Anchor
              component="button"
              type="button"
              size="sm"
              underline="always"
              onClick={() => on.onOpen(current)}
              data-testid="similar-open"
            >
              {current.fileName}
            </Anchor>
            {` · similarity ${current.similarity.toFixed(2)} · ${current.area.toLocaleString("en")} px · ${labelName}`}
          </Text>
        )}
      </Group>
      {mayLabel && (
        <Group gap={6}>
          <Select
            size="xs"
            w={200}
            aria-label="Give a label"
            placeholder="Give a label…"
            value={null}
            disabled={isBusy || (selectedCount === 0 && current === null)}
            onChange={(value) => value !== null && on.onLabel(value === NONE ? null : Number(value))}
            data={[
              ...labels.map(({ id, name }) => ({ value: String(id), label: name })),
              { value: NONE, label: "No label" },
            ]}
            data-testid="similar-label"
          />
          <Button
            size="xs"
            variant="default"
            disabled={!canUndo}
            loading={isBusy}
            onClick={on.onUndo}
            data-testid="similar-undo"
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

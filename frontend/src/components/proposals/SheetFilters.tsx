import { CloseButton, Group, SegmentedControl, Select, Text } from "@mantine/core";
import type { ProposalFilter, ProposalRun } from "../../api/proposals";
import { STAGES, STATE_LOOKS, STATES } from "./outcomes";

const ANY = "any";

interface Props {
  readonly filter: ProposalFilter;
  readonly runs: readonly ProposalRun[];
  /** Of the image that the sheet is about, where it is about one. */
  readonly fileName: string | null;
  readonly onChange: (filter: ProposalFilter) => void;
}

/** Which proposals the sheet shows. */
export function SheetFilters({ filter, runs, fileName, onChange }: Props) {
  return (
    <Group gap="sm" data-testid="sheet-filters">
      <SegmentedControl
        size="xs"
        aria-label="What became of them"
        value={filter.state ?? ANY}
        onChange={(value) => onChange({ ...filter, state: STATES.find((state) => state === value) ?? null })}
        data={[
          ...STATES.map((state) => ({ value: state, label: STATE_LOOKS[state].name })),
          { value: ANY, label: "All" },
        ]}
      />
      <SegmentedControl
        size="xs"
        aria-label="Stage"
        value={filter.stage ?? ANY}
        onChange={(value) =>
          onChange({ ...filter, stage: value in STAGES ? (value as keyof typeof STAGES) : null })
        }
        data={[
          { value: ANY, label: "Both stages" },
          { value: "semi_automatic", label: STAGES.semi_automatic.name },
          { value: "fully_automatic", label: STAGES.fully_automatic.name },
        ]}
      />
      <Select
        size="xs"
        w={230}
        aria-label="Run"
        placeholder="All runs"
        clearable
        value={filter.run === null ? null : String(filter.run)}
        onChange={(value) => onChange({ ...filter, run: value === null ? null : Number(value) })}
        data={runs.map((run) => ({ value: String(run.id), label: nameOf(run) }))}
        data-testid="filter-run"
      />
      {filter.image !== null && (
        <Group gap={2} className="surface" px={8} data-testid="filter-image">
          <Text size="xs">{fileName ?? `Image ${filter.image}`} only</Text>
          <CloseButton
            size="xs"
            aria-label="Proposals of all images"
            onClick={() => onChange({ ...filter, image: null })}
          />
        </Group>
      )}
    </Group>
  );
}

function nameOf(run: ProposalRun): string {
  const day = new Date(run.created_at).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });
  return `${STAGES[run.stage].name}, ${day}`;
}

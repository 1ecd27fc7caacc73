import { Group, MultiSelect, SegmentedControl, Select, TextInput } from "@mantine/core";
import { PRESETS, type Period, type Preset } from "./period";

export const STAGES = [
  { value: "assisted_manual", label: "Assisted manual" },
  { value: "semi_automatic", label: "Semi automatic" },
  { value: "fully_automatic", label: "Fully automatic" },
] as const;
export type Stage = (typeof STAGES)[number]["value"];

/** What is looked at, as the address keeps it. */
export interface Choice {
  readonly preset: Preset;
  /** The days of the preset "custom". */
  readonly custom: Period;
  readonly person: string | null;
  readonly label: string | null;
  readonly stage: Stage | null;
  /** Across projects: some of them, or all. */
  readonly projects: readonly number[];
}

interface Option {
  readonly value: string;
  readonly label: string;
}

interface Props {
  readonly choice: Choice;
  readonly onChange: (change: Partial<Choice>) => void;
  readonly people: readonly Option[];
  /** Null across projects: labels belong to one. */
  readonly labels: readonly Option[] | null;
  /** Null in a project. */
  readonly projects: readonly Option[] | null;
}

export function DashboardFilters({ choice, onChange, people, labels, projects }: Props) {
  const { preset, custom } = choice;
  return (
    <Group gap="sm" align="flex-end">
      <SegmentedControl
        size="sm"
        aria-label="Period"
        data={PRESETS.map(({ value, label }) => ({ value, label }))}
        value={preset}
        onChange={(value) => onChange({ preset: value })}
        data-testid="period"
      />
      {preset === "custom" && (
        <>
          <TextInput
            type="date"
            aria-label="From"
            value={custom.since ?? ""}
            max={custom.until ?? ""}
            onChange={(event) =>
              onChange({ custom: { ...custom, since: event.currentTarget.value || null } })
            }
          />
          <TextInput
            type="date"
            aria-label="To"
            value={custom.until ?? ""}
            min={custom.since ?? ""}
            onChange={(event) =>
              onChange({ custom: { ...custom, until: event.currentTarget.value || null } })
            }
          />
        </>
      )}
      {projects && (
        <MultiSelect
          aria-label="Projects"
          placeholder={choice.projects.length === 0 ? "All projects" : ""}
          data={[...projects]}
          value={choice.projects.map(String)}
          onChange={(values) => onChange({ projects: values.map(Number) })}
          clearable
          searchable
          miw={180}
        />
      )}
      <Select
        aria-label="Person"
        placeholder="Everybody"
        data={[...people]}
        value={choice.person}
        onChange={(person) => onChange({ person })}
        clearable
        searchable
        w={170}
        data-testid="filter-person"
      />
      {labels && (
        <Select
          aria-label="Label"
          placeholder="All labels"
          data={[...labels]}
          value={choice.label}
          onChange={(label) => onChange({ label })}
          clearable
          searchable
          w={170}
        />
      )}
      <Select
        aria-label="Stage"
        placeholder="All stages"
        data={[...STAGES]}
        value={choice.stage}
        onChange={(stage) => onChange({ stage: stage })}
        clearable
        w={170}
      />
    </Group>
  );
}

import { Group, MultiSelect, Stack, TextInput } from "@mantine/core";
import type { Label, Membership, Tag } from "../../api/types";
import type { ExportFilter, MaskStage } from "./exportChoices";
import { WORK_LOOKS, WORK_STATUSES } from "./workStatus";

const STAGES: Readonly<Record<MaskStage, string>> = {
  assisted_manual: "By a person with the model",
  semi_automatic: "Proposed, then confirmed",
  fully_automatic: "By the model alone",
};
const STAGE_NAMES = Object.keys(STAGES) as readonly MaskStage[];

interface Props {
  readonly labels: readonly Label[];
  readonly tags: readonly Tag[];
  readonly members: readonly Membership[];
  readonly filter: ExportFilter;
  readonly onChange: (filter: ExportFilter) => void;
}

/** Which images and which of their masks are exported; what is left empty leaves nothing out. */
export function ExportFilters({ labels, tags, members, filter, onChange }: Props) {
  return (
    <Stack gap="xs">
      <MultiSelect
        label="Images by status"
        placeholder={filter.statuses.length === 0 ? "Any status" : ""}
        value={[...filter.statuses]}
        onChange={(statuses) => onChange({ ...filter, statuses })}
        data={WORK_STATUSES.map((status) => ({ value: status, label: WORK_LOOKS[status].label }))}
        data-testid="export-statuses"
      />
      {tags.length > 0 && (
        <MultiSelect
          label="Images by tag"
          placeholder={filter.tags.length === 0 ? "Any tag" : ""}
          searchable
          value={filter.tags.map(String)}
          onChange={(ids) => onChange({ ...filter, tags: ids.map(Number) })}
          data={tags.map(({ id, name }) => ({ value: String(id), label: name }))}
          data-testid="export-tags"
        />
      )}
      <MultiSelect
        label="Masks by label"
        placeholder={filter.labels.length === 0 ? "Any label" : ""}
        searchable
        value={filter.labels.map(String)}
        onChange={(ids) => onChange({ ...filter, labels: ids.map(Number) })}
        data={labels.map(({ id, name }) => ({ value: String(id), label: name }))}
        data-testid="export-labels"
      />
      <MultiSelect
        label="Masks by how they were made"
        placeholder={filter.stages.length === 0 ? "Any way" : ""}
        value={[...filter.stages]}
        onChange={(stages) => onChange({ ...filter, stages })}
        data={STAGE_NAMES.map((stage) => ({ value: stage, label: STAGES[stage] }))}
      />
      <MultiSelect
        label="Masks by person"
        placeholder={filter.authors.length === 0 ? "Anybody's" : ""}
        searchable
        value={filter.authors.map(String)}
        onChange={(ids) => onChange({ ...filter, authors: ids.map(Number) })}
        data={members.map(({ user_id, display_name }) => ({ value: String(user_id), label: display_name }))}
      />
      <Group grow>
        <TextInput
          type="date"
          label="Masks made from"
          value={filter.since}
          onChange={(event) => onChange({ ...filter, since: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label="to (that day too)"
          value={filter.until}
          onChange={(event) => onChange({ ...filter, until: event.currentTarget.value })}
        />
      </Group>
    </Stack>
  );
}

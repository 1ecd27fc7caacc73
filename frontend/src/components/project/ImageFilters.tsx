import { CloseButton, Group, SegmentedControl, Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import type { ImageFilter } from "../../api/images";
import type { EmbeddingState, Project, Tag, User, WorkFigures } from "../../api/types";
import { STATE_NAMES } from "./StateBadge";
import { WORK_LOOKS, WORK_STATUSES } from "./workStatus";

const ALL = "all";
const NOBODY = "nobody";
const OLDEST = "id";
const RANK = "rank";
const STATES: readonly EmbeddingState[] = ["ready", "running", "queued", "failed"];

interface Props {
  readonly counts: Project["embedding_counts"];
  /** Null while they are on their way. */
  readonly figures: WorkFigures | null;
  readonly me: User;
  readonly tags: readonly Tag[];
  readonly filter: ImageFilter;
  /** Whether images have ranks to be sorted by. */
  readonly isRanked: boolean;
  readonly onChange: (filter: ImageFilter) => void;
}

/** Which images to show: with masks or without, by state of the embedding, status, person, tag and name. */
export function ImageFilters({ counts, figures, me, tags, filter, isRanked, onChange }: Props) {
  const others = (figures?.shares ?? []).flatMap(({ user }) => (user && user.id !== me.id ? [user] : []));
  return (
    <Group gap="sm" data-testid="image-filters">
      <SegmentedControl
        size="xs"
        aria-label="Masks"
        value={filter.isAnnotated === null ? ALL : String(filter.isAnnotated)}
        onChange={(value) => onChange({ ...filter, isAnnotated: value === ALL ? null : value === "true" })}
        data={[
          { value: ALL, label: "All images" },
          { value: "false", label: "To do" },
          { value: "true", label: "Annotated" },
        ]}
      />
      <SegmentedControl
        size="xs"
        aria-label="State of the embedding"
        value={filter.state ?? ALL}
        onChange={(value) => onChange({ ...filter, state: value === ALL ? null : value })}
        data={[
          { value: ALL, label: "Any state" },
          ...STATES.map((state) => ({ value: state, label: `${STATE_NAMES[state]} ${counts[state]}` })),
        ]}
      />
      <Select
        size="xs"
        w={150}
        aria-label="Status of the work"
        placeholder="Any status"
        clearable
        value={filter.status}
        onChange={(value) => onChange({ ...filter, status: value })}
        data={WORK_STATUSES.map((status) => ({ value: status, label: WORK_LOOKS[status].label }))}
        data-testid="filter-status"
      />
      <Select
        size="xs"
        w={170}
        aria-label="Whose work"
        placeholder="Anybody's"
        clearable
        searchable
        value={filter.assignee === null ? null : String(filter.assignee)}
        onChange={(value) =>
          onChange({ ...filter, assignee: value === null || value === NOBODY ? value : Number(value) })
        }
        data={[
          { value: String(me.id), label: `Mine (${me.display_name})` },
          { value: NOBODY, label: "Nobody's" },
          ...others.map((user) => ({ value: String(user.id), label: user.display_name })),
        ]}
        data-testid="filter-assignee"
      />
      {tags.length > 0 && (
        <Select
          size="xs"
          w={150}
          aria-label="Tag"
          placeholder="Any tag"
          clearable
          searchable
          value={filter.tag === null ? null : String(filter.tag)}
          onChange={(value) => onChange({ ...filter, tag: value === null ? null : Number(value) })}
          data={tags.map(({ id, name }) => ({ value: String(id), label: name }))}
          data-testid="filter-tag"
        />
      )}
      {(isRanked || filter.isByRank) && (
        <Select
          size="xs"
          w={130}
          aria-label="Sorting"
          allowDeselect={false}
          value={filter.isByRank ? RANK : OLDEST}
          onChange={(value) => onChange({ ...filter, isByRank: value === RANK })}
          data={[
            { value: OLDEST, label: "Oldest first" },
            { value: RANK, label: "As given out" },
          ]}
          data-testid="image-sorting"
        />
      )}
      <TextInput
        size="xs"
        w={140}
        aria-label="Part of the file's name"
        placeholder="Name"
        leftSection={<IconSearch size={14} />}
        rightSection={
          filter.name && (
            <CloseButton size="xs" aria-label="Any name" onClick={() => onChange({ ...filter, name: "" })} />
          )
        }
        value={filter.name}
        onChange={(event) => onChange({ ...filter, name: event.currentTarget.value })}
        data-testid="filter-name"
      />
    </Group>
  );
}

import { Group, SegmentedControl } from "@mantine/core";
import type { ImageFilter } from "../../api/images";
import type { EmbeddingState, Project } from "../../api/types";
import { STATE_NAMES } from "./StateBadge";

const ALL = "all";
const STATES: readonly EmbeddingState[] = ["ready", "running", "queued", "failed"];

interface Props {
  readonly counts: Project["embedding_counts"];
  readonly filter: ImageFilter;
  readonly onChange: (filter: ImageFilter) => void;
}

/** Which images to show: by state of the embedding, by whether they have masks. */
export function ImageFilters({ counts, filter, onChange }: Props) {
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
    </Group>
  );
}

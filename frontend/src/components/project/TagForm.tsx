import { Button, Group, MultiSelect, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Tag, Tagging } from "../../api/types";
import { counted } from "../common/formats";

interface Props {
  readonly tags: readonly Tag[];
  readonly imageIds: readonly number[];
  readonly isBusy: boolean;
  readonly onTag: (wanted: Tagging) => void;
}

/** Which tags the chosen images get, and which they lose. */
export function TagForm({ tags, imageIds, isBusy, onTag }: Props) {
  const [added, setAdded] = useState<string[]>([]);
  const [removed, setRemoved] = useState<string[]>([]);
  const choices = (others: readonly string[]) =>
    tags.map(({ id, name }) => ({ value: String(id), label: name, disabled: others.includes(String(id)) }));
  const isComplete = imageIds.length > 0 && added.length + removed.length > 0;
  if (tags.length === 0) {
    return <Text size="sm">There are no tags yet: make some under Tags, on the page of the project.</Text>;
  }
  return (
    <Stack>
      <MultiSelect
        label="Add"
        placeholder={added.length === 0 ? "No tag" : ""}
        searchable
        value={added}
        onChange={setAdded}
        data={choices(removed)}
        data-testid="tags-add"
      />
      <MultiSelect
        label="Take away"
        placeholder={removed.length === 0 ? "No tag" : ""}
        searchable
        value={removed}
        onChange={setRemoved}
        data={choices(added)}
        data-testid="tags-remove"
      />
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {counted(imageIds.length, "image")}
        </Text>
        <Button
          onClick={() =>
            onTag({ image_ids: [...imageIds], add: added.map(Number), remove: removed.map(Number) })
          }
          disabled={!isComplete}
          loading={isBusy}
          data-testid="tags-submit"
        >
          Tag
        </Button>
      </Group>
    </Stack>
  );
}

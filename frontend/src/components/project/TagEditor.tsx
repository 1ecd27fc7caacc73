import { ActionIcon, Group, Stack, Text, Tooltip } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import type { Tag, TagWrite } from "../../api/types";
import { NamedColorFields, NewNameForm } from "./NamedColor";

interface Props {
  readonly tags: readonly Tag[];
  readonly onCreate: (tag: TagWrite) => void;
  readonly onChange: (tag: Tag, change: Partial<TagWrite>) => void;
  readonly onDelete: (tag: Tag) => void;
}

/** The project's tags: names and colours. */
export function TagEditor({ tags, onCreate, onChange, onDelete }: Props) {
  return (
    <Stack gap="xs">
      {tags.length === 0 && (
        <Text size="sm" c="dimmed">
          No tags yet. A tag says something of an image as a whole, such as “night” or “second camera”.
        </Text>
      )}
      {tags.map((tag) => (
        <Group key={`${tag.id} ${tag.name} ${tag.color}`} gap="xs" wrap="nowrap" data-testid="tag-row">
          <NamedColorFields name={tag.name} color={tag.color} onChange={(change) => onChange(tag, change)} />
          <Tooltip label="Takes it from all images too">
            <ActionIcon
              variant="subtle"
              color="red"
              aria-label={`Delete ${tag.name}`}
              onClick={() => onDelete(tag)}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        </Group>
      ))}
      <NewNameForm kind="tag" onCreate={(name) => onCreate({ name })} />
    </Stack>
  );
}

import { Badge, ColorSwatch, Group } from "@mantine/core";
import type { Tag } from "../../api/types";

/** An image's tags, a chip each. */
export function TagChips({ tags }: { readonly tags: readonly Tag[] }) {
  if (tags.length === 0) return null;
  return (
    <Group gap={4} px="sm" pb={8} data-testid="image-tags">
      {tags.map((tag) => (
        <Badge
          key={tag.id}
          size="sm"
          variant="default"
          tt="none"
          fw={500}
          title={tag.name}
          leftSection={<ColorSwatch size={8} color={tag.color} withShadow={false} />}
        >
          {tag.name}
        </Badge>
      ))}
    </Group>
  );
}

import { Badge, Card, Group, Image, SimpleGrid, Text } from "@mantine/core";
import { Link } from "react-router";
import type { CheckedImage } from "../../api/types";
import { counted } from "../common/formats";
import { CHECKED_LOOKS, correctionsText } from "./checkTexts";

interface Props {
  readonly images: readonly CheckedImage[];
}

/** A check's images: how far each is, and what was corrected on it. Copies are looked at, and worked on, in the annotator. */
export function CheckedImages({ images }: Props) {
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, md: 4, lg: 5 }} spacing="sm">
      {images.map((image) => (
        <Tile key={image.id} image={image} />
      ))}
    </SimpleGrid>
  );
}

function Tile({ image }: { readonly image: CheckedImage }) {
  const { label, color } = CHECKED_LOOKS[image.state];
  const card = (
    <Card withBorder padding="xs" radius="md" data-testid="checked-image" data-state={image.state}>
      <Card.Section>
        <Image src={image.thumbnail_url} alt="" h={120} loading="lazy" />
      </Card.Section>
      <Text size="sm" truncate mt={6}>
        {image.file_name}
      </Text>
      <Group justify="space-between" gap={4} wrap="nowrap" mt={4}>
        <Badge size="sm" variant="light" color={color} tt="none">
          {label}
        </Badge>
        <Text size="xs" c="dimmed" truncate>
          {image.checker?.display_name}
        </Text>
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        {image.mean_iou === null
          ? counted(image.mask_count, "mask")
          : `IoU ${image.mean_iou.toFixed(3)}: ${correctionsText(image)}`}
      </Text>
    </Card>
  );
  if (image.replica === null) return card;
  return (
    <Link
      to={`/images/${image.replica}`}
      style={{ display: "block", color: "inherit", textDecoration: "none" }}
      aria-label={`${image.file_name}, ${label}`}
    >
      {card}
    </Link>
  );
}

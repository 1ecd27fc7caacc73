import { Badge, Card, Group, Image, SimpleGrid, Text, UnstyledButton } from "@mantine/core";
import type { ConsensusImage } from "../../api/types";
import { percentage } from "../common/formats";
import { CONSENSUS_LOOKS } from "./consensusStates";

interface Props {
  readonly images: readonly ConsensusImage[];
  readonly onOpen: (image: ConsensusImage) => void;
}

/** A round's images: how far each is, and how those who labelled it agree. */
export function RoundImages({ images, onOpen }: Props) {
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, md: 4, lg: 5 }} spacing="sm">
      {images.map((image) => (
        <UnstyledButton
          key={image.id}
          onClick={() => onOpen(image)}
          aria-label={`${image.file_name}, ${CONSENSUS_LOOKS[image.state].label}`}
          data-testid="round-image"
        >
          <Card withBorder padding="xs" radius="md">
            <Card.Section>
              <Image src={image.thumbnail_url} alt="" h={120} loading="lazy" />
            </Card.Section>
            <Text size="sm" truncate mt={6}>
              {image.file_name}
            </Text>
            <Group justify="space-between" gap={4} wrap="nowrap" mt={4}>
              <Badge size="sm" variant="light" color={CONSENSUS_LOOKS[image.state].color} tt="none">
                {image.state === "open"
                  ? `${image.submitted_count} of ${image.annotator_count} in`
                  : CONSENSUS_LOOKS[image.state].label}
              </Badge>
              <Text size="xs" c="dimmed" style={{ fontVariantNumeric: "tabular-nums" }}>
                F1 {percentage(image.f1)}
              </Text>
            </Group>
          </Card>
        </UnstyledButton>
      ))}
    </SimpleGrid>
  );
}

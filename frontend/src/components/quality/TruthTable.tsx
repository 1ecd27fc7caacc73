import { ActionIcon, Anchor, Group, Image, Table, Text, Tooltip } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { Link } from "react-router";
import type { GroundTruth } from "../../api/types";
import { counted } from "../common/formats";
import { Share } from "./AgreementPanel";

interface Props {
  readonly truths: readonly GroundTruth[];
  readonly onUnmark: (truth: GroundTruth) => void;
}

/** The images whose truth is known, and how annotators met it. */
export function TruthTable({ truths, onUnmark }: Props) {
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table verticalSpacing="xs" data-testid="truths">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Image</Table.Th>
            <Table.Th>Given</Table.Th>
            <Table.Th>IoU</Table.Th>
            <Table.Th>F1</Table.Th>
            <Table.Th w={48} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {truths.map((truth) => (
            <Table.Tr key={truth.image} data-testid="truth">
              <Table.Td>
                <Group gap="sm" wrap="nowrap">
                  <Image src={truth.thumbnail_url} alt="" w={56} h={40} radius="sm" loading="lazy" />
                  <div>
                    <Anchor component={Link} to={`/images/${truth.image}`} size="sm">
                      {truth.file_name}
                    </Anchor>
                    <Text size="xs" c="dimmed">
                      {counted(truth.mask_count, "mask")}
                    </Text>
                  </div>
                </Group>
              </Table.Td>
              <Table.Td>
                <Text size="sm">
                  {counted(truth.handed_out, "time")}, {truth.scored} submitted
                </Text>
              </Table.Td>
              <Table.Td>
                <Share value={truth.mean_iou} />
              </Table.Td>
              <Table.Td>
                <Share value={truth.mean_f1} />
              </Table.Td>
              <Table.Td>
                <Tooltip label="An ordinary image again">
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`Make ${truth.file_name} an ordinary image again`}
                    onClick={() => onUnmark(truth)}
                  >
                    <IconX size={16} />
                  </ActionIcon>
                </Tooltip>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

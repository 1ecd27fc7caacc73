import { Group, Progress, Stack, Table, Text } from "@mantine/core";
import type { PersonAgreement } from "../../api/types";
import { percentage } from "../common/formats";

interface Props {
  readonly people: readonly PersonAgreement[];
}

/** How people's masks agree with others' and with the truth, a row for each of whom something is known. */
export function AgreementPanel({ people }: Props) {
  if (people.length === 0) {
    return (
      <Text c="dimmed" size="sm" data-testid="agreement-empty">
        Nothing is known yet: it is measured when images of a consensus round, or hidden ground truths, are
        submitted.
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      <Table.ScrollContainer minWidth={720}>
        <Table verticalSpacing="xs" data-testid="agreement">
          <Table.Thead>
            <Table.Tr>
              <Table.Th rowSpan={2}>Person</Table.Th>
              <Table.Th colSpan={4}>With others</Table.Th>
              <Table.Th colSpan={4}>With the truth</Table.Th>
            </Table.Tr>
            <Table.Tr>
              <Table.Th>IoU</Table.Th>
              <Table.Th>F1</Table.Th>
              <Table.Th>Labels</Table.Th>
              <Table.Th ta="right" pr="xl">
                Pairs
              </Table.Th>
              <Table.Th>IoU</Table.Th>
              <Table.Th>Recall</Table.Th>
              <Table.Th>Precision</Table.Th>
              <Table.Th ta="right">Images</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {people.map(({ user, consensus, ground_truth: truth }) => (
              <Table.Tr key={user.id} data-testid="agreement-row" data-person={user.display_name}>
                <Table.Td>{user.display_name}</Table.Td>
                <Table.Td>
                  <Share value={consensus.mean_iou} />
                </Table.Td>
                <Table.Td>
                  <Share value={consensus.f1} />
                </Table.Td>
                <Table.Td>
                  <Share value={consensus.label_agreement} />
                </Table.Td>
                <Table.Td ta="right" pr="xl">
                  {consensus.n.toLocaleString("en")}
                </Table.Td>
                <Table.Td>
                  <Share value={truth.mean_iou} />
                </Table.Td>
                <Table.Td>
                  <Share value={truth.recall} />
                </Table.Td>
                <Table.Td>
                  <Share value={truth.precision} />
                </Table.Td>
                <Table.Td ta="right">{truth.n.toLocaleString("en")}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="xs" c="dimmed">
        IoU: how well matched outlines cover each other. F1: how many objects were matched, missed and
        invented ones counted. Labels: how many matched objects have one label. Recall: objects found;
        precision: objects that are there.
      </Text>
    </Stack>
  );
}

/** A share with a bar that lets rows be compared at a glance. */
export function Share({ value }: { readonly value: number | null }) {
  if (value === null) return <Text c="dimmed">–</Text>;
  return (
    <Group gap={8} wrap="nowrap">
      <Progress value={100 * value} size="sm" w={48} color={shareColor(value)} aria-hidden />
      <Text size="sm" style={{ fontVariantNumeric: "tabular-nums" }}>
        {percentage(value)}
      </Text>
    </Group>
  );
}

function shareColor(value: number): string {
  if (value >= 0.85) return "teal";
  return value >= 0.65 ? "yellow" : "orange";
}

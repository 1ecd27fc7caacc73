import { Anchor, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import type { GroundTruthScore } from "../../api/types";
import { sinceWhen } from "../common/formats";
import { Share } from "./AgreementPanel";

interface Props {
  readonly scores: readonly GroundTruthScore[];
}

/** What annotators reached on ground truths, the newest first. */
export function ScoreTable({ scores }: Props) {
  const now = new Date();
  return (
    <Table.ScrollContainer minWidth={720}>
      <Table verticalSpacing="xs" data-testid="scores">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Annotator</Table.Th>
            <Table.Th>Image</Table.Th>
            <Table.Th ta="right">Found</Table.Th>
            <Table.Th ta="right">Missed</Table.Th>
            <Table.Th ta="right" pr="xl">
              Invented
            </Table.Th>
            <Table.Th>IoU</Table.Th>
            <Table.Th>F1</Table.Th>
            <Table.Th>When</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {scores.map((score) => (
            <Table.Tr key={score.replica} data-testid="score">
              <Table.Td>{score.annotator?.display_name ?? "A former account"}</Table.Td>
              <Table.Td>
                <Anchor component={Link} to={`/images/${score.replica}`} size="sm">
                  {score.file_name}
                </Anchor>
              </Table.Td>
              <Table.Td ta="right">
                {score.matched} of {score.truth_count}
              </Table.Td>
              <Table.Td ta="right">{score.missed}</Table.Td>
              <Table.Td ta="right" pr="xl">
                {score.false_positives}
              </Table.Td>
              <Table.Td>
                <Share value={score.mean_iou} />
              </Table.Td>
              <Table.Td>
                <Share value={score.f1} />
              </Table.Td>
              <Table.Td>
                <Text size="sm" c="dimmed">
                  {sinceWhen(new Date(score.at), now)}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

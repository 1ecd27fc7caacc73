import { Anchor, Badge, Group, Progress, Table, Text } from "@mantine/core";
import type { ConsensusRound, ConsensusState } from "../../api/types";
import { counted } from "../common/formats";
import { Share } from "./AgreementPanel";
import { CONSENSUS_LOOKS } from "./consensusStates";

interface Props {
  readonly rounds: readonly ConsensusRound[];
  readonly onOpen: (round: ConsensusRound) => void;
}

/** A project's rounds: how far each is, and how its annotators agree. */
export function RoundTable({ rounds, onOpen }: Props) {
  return (
    <Table.ScrollContainer minWidth={720}>
      <Table verticalSpacing="sm" data-testid="rounds">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Round</Table.Th>
            <Table.Th>Annotators</Table.Th>
            <Table.Th w={220}>Images</Table.Th>
            <Table.Th>IoU</Table.Th>
            <Table.Th>F1</Table.Th>
            <Table.Th>Labels</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rounds.map((round) => (
            <Table.Tr key={round.id} data-testid="round">
              <Table.Td>
                <Group gap="xs">
                  <Anchor component="button" type="button" fw={600} onClick={() => onOpen(round)}>
                    {round.name}
                  </Anchor>
                  {round.closed_at !== null && (
                    <Badge size="xs" variant="light" color="gray" tt="none">
                      closed
                    </Badge>
                  )}
                </Group>
                <Text size="xs" c="dimmed">
                  {new Date(round.created_at).toLocaleDateString("en", { dateStyle: "medium" })}
                  {round.created_by && ` · ${round.created_by.display_name}`}
                </Text>
              </Table.Td>
              <Table.Td>
                <Text size="sm">
                  {round.annotators.map(({ display_name }) => display_name).join(", ") || "–"}
                </Text>
                <Text size="xs" c="dimmed">
                  {round.annotators_per_image} for each image
                </Text>
              </Table.Td>
              <Table.Td>
                <RoundProgress round={round} />
              </Table.Td>
              <Table.Td>
                <Share value={round.mean_iou} />
              </Table.Td>
              <Table.Td>
                <Share value={round.f1} />
              </Table.Td>
              <Table.Td>
                <Share value={round.label_agreement} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const ORDER: readonly ConsensusState[] = ["resolved", "ready", "open", "released"];

/** The round's images by state: a bar, and the numbers that are not zero. */
export function RoundProgress({ round }: { readonly round: ConsensusRound }) {
  const counts: Record<ConsensusState, number> = {
    open: round.open_count,
    ready: round.ready_count,
    resolved: round.resolved_count,
    released: round.released_count,
  };
  const total = ORDER.reduce((sum, state) => sum + counts[state], 0);
  const told = ORDER.filter((state) => counts[state] > 0);
  return (
    <div>
      <Progress.Root size="sm" aria-hidden>
        {told.map((state) => (
          <Progress.Section
            key={state}
            value={(100 * counts[state]) / total}
            color={CONSENSUS_LOOKS[state].color}
          />
        ))}
      </Progress.Root>
      <Text size="xs" c="dimmed" mt={4}>
        {total === 0
          ? counted(0, "image")
          : told.map((state) => `${counts[state]} ${CONSENSUS_LOOKS[state].label.toLowerCase()}`).join(" · ")}
      </Text>
    </div>
  );
}

import { Anchor, Badge, Group, Progress, Table, Text } from "@mantine/core";
import type { TrainingRun } from "../../api/types";
import { sinceWhen } from "../common/formats";
import { JobBadge } from "../jobs/JobBadge";
import { progressPercent } from "../jobs/jobTexts";
import { modelName } from "./modelTexts";
import { materialText, partsLabel, percentText, signed } from "./trainingTexts";
import { VerdictBadge } from "./VerdictBadge";

interface Props {
  readonly runs: readonly TrainingRun[];
  readonly onOpen: (run: TrainingRun) => void;
}

/** A project's retrainings: what each began with, how it stands, what came of it. */
export function RunTable({ runs, onOpen }: Props) {
  const now = new Date();
  return (
    <Table.ScrollContainer minWidth={760}>
      <Table verticalSpacing="sm" data-testid="training-runs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Started</Table.Th>
            <Table.Th scope="col">Model</Table.Th>
            <Table.Th scope="col">Learned from</Table.Th>
            <Table.Th scope="col" w={190}>
              State
            </Table.Th>
            <Table.Th scope="col">Mean IoU</Table.Th>
            <Table.Th scope="col">Verdict</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Table.Tr key={run.id} data-testid="training-run" data-state={run.state}>
              <Table.Td>
                <Anchor component="button" type="button" fw={600} ta="left" onClick={() => onOpen(run)}>
                  {sinceWhen(new Date(run.created_at), now)}
                </Anchor>
                <Text size="xs" c="dimmed">
                  {run.created_by?.display_name ?? "Somebody who left"}
                </Text>
              </Table.Td>
              <Table.Td>
                <Text size="sm">{run.result ? modelName(run.result) : "–"}</Text>
                <Text size="xs" c="dimmed">
                  from {modelName(run.parent)}
                </Text>
              </Table.Td>
              <Table.Td>
                <Text size="sm">{materialText(run.train_masks, run.train_images)}</Text>
                <Text size="xs" c="dimmed">
                  {partsLabel(run.parts_chosen || run.parts)}
                </Text>
              </Table.Td>
              <Table.Td>
                <Standing run={run} />
              </Table.Td>
              <Table.Td>
                <Change metrics={run.metrics} />
              </Table.Td>
              <Table.Td>
                <Group gap={6}>
                  {run.verdict === "" ? "–" : <VerdictBadge verdict={run.verdict} />}
                  {run.is_promoted && (
                    <Badge size="sm" variant="light" tt="none">
                      in use
                    </Badge>
                  )}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Standing({ run }: { readonly run: TrainingRun }) {
  const look = run.state;
  if (look !== "running") return <JobBadge look={look} />;
  return (
    <>
      <JobBadge look={look} />
      <Progress
        mt={6}
        size="sm"
        value={progressPercent(run.progress)}
        animated
        aria-label="Progress of the training"
      />
      <Text size="xs" c="dimmed" mt={2}>
        {percentText(run)}
      </Text>
    </>
  );
}

function Change({ metrics }: Pick<TrainingRun, "metrics">) {
  if (!metrics) return <Text size="sm">–</Text>;
  const [before, after] = [metrics.parent.mean_miou, metrics.child.mean_miou];
  return (
    <>
      <Text size="sm" style={{ fontVariantNumeric: "tabular-nums" }}>
        {before.toFixed(3)} → {after.toFixed(3)}
      </Text>
      <Text size="xs" c="dimmed">
        {signed(after - before)}
      </Text>
    </>
  );
}

import { Anchor, ScrollArea, Stack, Table, Text } from "@mantine/core";
import { counted } from "../common/formats";
import type { MadeFile } from "../jobs/jobTexts";
import type { ImportProblem } from "./imports";

interface Props {
  readonly count: number;
  readonly problems: readonly ImportProblem[];
  /** All of them, row by row. */
  readonly file: MadeFile | null;
}

/** What of a data set could not be read. */
export function ImportProblems({ count, problems, file }: Props) {
  if (count === 0) return null;
  return (
    <Stack gap={6} data-testid="import-problems">
      <Text size="sm" c="var(--app-error)">
        {counted(count, "row is", "rows are")} left out, for what is wrong with them
        {problems.length < count && `; the first ${problems.length}`}:
      </Text>
      <ScrollArea.Autosize mah={180}>
        <Table fz="sm" aria-label="What is left out">
          <Table.Tbody>
            {problems.map((problem, place) => (
              <Table.Tr key={place}>
                <Table.Td style={{ overflowWrap: "anywhere" }}>
                  {problem.path}
                  {problem.where && `, ${problem.where}`}
                </Table.Td>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{problem.message}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea.Autosize>
      {file && (
        <Anchor href={file.url} download size="sm" data-testid="import-problems-file">
          Download them as CSV
        </Anchor>
      )}
    </Stack>
  );
}

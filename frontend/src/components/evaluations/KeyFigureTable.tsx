import { Table, Text } from "@mantine/core";
import type { Evaluation } from "../../api/evaluations";
import { differenceText, figureRows, figureText, unlikeText } from "./figures";

interface Props {
  readonly shown: Evaluation;
  /** By the same task; beside it where there is one. */
  readonly other: Evaluation | null;
}

/** The figures that people look at first, of one evaluation or of two with their differences. */
export function KeyFigureTable({ shown, other }: Props) {
  const rows = figureRows(shown.figures, other?.figures ?? []);
  const unlike = other ? unlikeText(shown, other) : "";
  return (
    <div>
      <Table.ScrollContainer minWidth={other ? 520 : 280}>
        <Table
          verticalSpacing={6}
          fz="sm"
          className="evaluation-figures"
          aria-label={other ? "Figures of both evaluations" : "Figures of the evaluation"}
          data-testid="evaluation-figures"
        >
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Figure</Table.Th>
              <Table.Th scope="col" className="is-number">
                {nameOf(shown, other)}
              </Table.Th>
              {other && (
                <>
                  <Table.Th scope="col" className="is-number">
                    {nameOf(other, shown)}
                  </Table.Th>
                  <Table.Th scope="col" className="is-number">
                    Difference
                  </Table.Th>
                </>
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.key} data-testid="evaluation-figure" data-figure={row.key}>
                <Table.Th scope="row" fw={500}>
                  {row.name}
                </Table.Th>
                <Table.Td className="is-number">{figureText(row.value)}</Table.Td>
                {other && (
                  <>
                    <Table.Td className="is-number">{figureText(row.other)}</Table.Td>
                    <Table.Td className="is-number" fw={600}>
                      {differenceText(row)}
                    </Table.Td>
                  </>
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {unlike && (
        <Text size="sm" c="dimmed" mt={4} data-testid="evaluation-unlike">
          {unlike} So the difference is not the models’ alone.
        </Text>
      )}
    </div>
  );
}

/** What tells the columns apart: the model, and for one model twice the evaluation's number. */
function nameOf({ id, model }: Evaluation, beside: Evaluation | null): string {
  return beside?.model === model ? `${model}, no. ${id}` : model;
}

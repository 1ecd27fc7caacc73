import { Group, Table, Text } from "@mantine/core";
import type { ModelFigures } from "../../api/types";
import { FIGURES, judged, signed } from "./trainingTexts";

interface Props {
  readonly parent: ModelFigures;
  readonly child: ModelFigures;
}

const TONES = { "1": "var(--app-better)", "0": "inherit", "-1": "var(--app-error)" } as const;

/** Both models' figures beside each other, and drawn: where it was, where it is. */
export function FigureTable({ parent, child }: Props) {
  const rows = FIGURES.flatMap((figure) => {
    const [before, after] = [parent[figure.name], child[figure.name]];
    return before === null || after === null ? [] : [{ figure, before, after }];
  });
  const drawn = rows.filter(({ figure }) => figure.isShare).flatMap(({ before, after }) => [before, after]);
  const scale = scaleOf(drawn);
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table
        className="figure-table"
        verticalSpacing={7}
        fz="sm"
        aria-label="Figures of both models"
        data-testid="figures"
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Figure</Table.Th>
            <Table.Th scope="col" className="is-number">
              Before
            </Table.Th>
            <Table.Th scope="col" className="is-number">
              After
            </Table.Th>
            <Table.Th scope="col" className="is-number">
              Difference
            </Table.Th>
            <Table.Td w="38%" aria-hidden>
              <Group justify="space-between" wrap="nowrap" className="faint" fz="xs">
                <span>{scale.low.toFixed(1)}</span>
                <span className="dumbbell-legend">
                  <i data-is="before" /> before <i data-is="after" /> after
                </span>
                <span>{scale.high.toFixed(1)}</span>
              </Group>
            </Table.Td>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ figure, before, after }) => {
            const digits = figure.isShare ? 3 : 2;
            const tone = judged(figure, before, after);
            return (
              <Table.Tr key={figure.name} data-testid="figure-row" data-figure={figure.name} data-tone={tone}>
                <Table.Th scope="row" fw={figure.name === "mean_miou" ? 700 : 500}>
                  {figure.label}
                  <Text size="xs" c="dimmed" fw={400}>
                    {figure.purpose}
                  </Text>
                </Table.Th>
                <Table.Td className="is-number">{before.toFixed(digits)}</Table.Td>
                <Table.Td className="is-number">{after.toFixed(digits)}</Table.Td>
                <Table.Td className="is-number" style={{ color: TONES[`${tone}`] }} fw={600}>
                  {signed(after - before, digits)}
                </Table.Td>
                <Table.Td aria-hidden>
                  {figure.isShare && (
                    <Dumbbell before={scale.at(before)} after={scale.at(after)} tone={tone} />
                  )}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** Two dots and what lies between them; in percent of the scale. */
function Dumbbell({
  before,
  after,
  tone,
}: {
  readonly before: number;
  readonly after: number;
  readonly tone: number;
}) {
  const [left, right] = [Math.min(before, after), Math.max(before, after)];
  return (
    <div className="dumbbell" data-tone={tone}>
      <span className="dumbbell-bar" style={{ left: `${left}%`, width: `${right - left}%` }} />
      <span className="dumbbell-dot" data-is="before" style={{ left: `${before}%` }} />
      <span className="dumbbell-dot" data-is="after" style={{ left: `${after}%` }} />
    </div>
  );
}

/** From the tenth below the least to the tenth above the most. */
function scaleOf(values: readonly number[]) {
  const low = Math.floor(10 * Math.min(...values, 1)) / 10;
  const high = Math.max(low + 0.1, Math.ceil(10 * Math.max(...values, 0)) / 10);
  return { low, high, at: (value: number) => (100 * (value - low)) / (high - low) };
}

import { Sparkline } from "@mantine/charts";
import { Table } from "@mantine/core";
import type { ActivityRow, ReviewRow } from "../../api/types";
import { decimalText, secondsText, shareText, wholeText } from "./figures";
import { colorAt } from "./series";

interface Props {
  readonly rows: readonly ActivityRow[];
  /** What became of their images, by person. */
  readonly reviews: ReadonlyMap<string | null, ReviewRow>;
  /** Masks over time, by person. */
  readonly lines: (key: string | null) => number[];
}

const HEAD = ["Masks", "s / mask", "Clicks / mask", "As the model gave", "Submitted", "Accepted", "Rejected"];

/** Who made how much, how fast, and what reviewers said of it. */
export function PeopleTable({ rows, reviews, lines }: Props) {
  return (
    <Table.ScrollContainer minWidth={760}>
      <Table className="people-table" verticalSpacing={6} fz="sm" aria-label="Masks and images by person">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Person</Table.Th>
            <Table.Th scope="col">Over time</Table.Th>
            {HEAD.map((name) => (
              <Table.Th key={name} scope="col" className="is-number">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => {
            const review = reviews.get(row.key);
            const cells = [
              wholeText(row.masks),
              secondsText(row.seconds_per_mask),
              decimalText(row.clicks_per_mask),
              shareText(row.untouched_share),
              wholeText(review?.submitted ?? 0),
              wholeText(review?.accepted ?? 0),
              wholeText(review?.rejected ?? 0),
            ];
            return (
              <Table.Tr key={row.key ?? "nobody"} data-testid="person-row">
                <Table.Th scope="row" fw={500}>
                  {row.name}
                </Table.Th>
                {/* Inert: the library lets the keyboard into its pictures. */}
                <Table.Td aria-hidden inert>
                  <Sparkline
                    w={140}
                    h={26}
                    data={lines(row.key)}
                    color={colorAt(0)}
                    curveType="monotone"
                    fillOpacity={0.35}
                    strokeWidth={1.5}
                    areaProps={{ isAnimationActive: false }}
                  />
                </Table.Td>
                {cells.map((cell, index) => (
                  <Table.Td key={HEAD[index]} className="is-number">
                    {cell}
                  </Table.Td>
                ))}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

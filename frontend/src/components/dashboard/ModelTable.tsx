import { Table } from "@mantine/core";
import type { ActivityRow } from "../../api/types";
import { decimalText, secondsText, shareText, wholeText } from "./figures";

const HEAD = ["Masks", "As the model gave", "Mean IoU", "s / mask", "Clicks / mask"];

/** How much of what each model gave was kept, by the stage of the data engine. */
export function ModelTable({ rows }: { readonly rows: readonly ActivityRow[] }) {
  return (
    <Table.ScrollContainer minWidth={480} className="chart-table">
      <Table className="people-table" verticalSpacing={6} fz="sm" aria-label="Masks by model and stage">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Model</Table.Th>
            <Table.Th scope="col">Stage</Table.Th>
            {HEAD.map((name) => (
              <Table.Th key={name} scope="col" className="is-number">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={`${row.key ?? ""} ${row.split_key ?? ""}`}>
              <Table.Th scope="row" fw={500}>
                {row.name}
              </Table.Th>
              <Table.Td>{row.split_name}</Table.Td>
              {[
                wholeText(row.masks),
                shareText(row.untouched_share),
                decimalText(row.model_iou, 3),
                secondsText(row.seconds_per_mask),
                decimalText(row.clicks_per_mask),
              ].map((cell, index) => (
                <Table.Td key={HEAD[index]} className="is-number">
                  {cell}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

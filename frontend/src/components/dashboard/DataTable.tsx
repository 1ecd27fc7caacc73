import { Table } from "@mantine/core";

export interface TableData {
  readonly caption: string;
  /** The first one names the rows. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a chart shows, as numbers: for whoever cannot see it, or wants to know exactly. */
export function DataTable({ caption, head, rows }: TableData) {
  return (
    <Table fz="xs" verticalSpacing={4} withRowBorders={false} aria-label={caption}>
      <Table.Thead>
        <Table.Tr>
          {head.map((name, index) => (
            <Table.Th key={name} scope="col" className={index === 0 ? "" : "is-number"}>
              {name}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([name, ...cells], place) => (
          <Table.Tr key={place}>
            <Table.Th scope="row" fw={400}>
              {name}
            </Table.Th>
            {cells.map((cell, index) => (
              <Table.Td key={index} className="is-number">
                {cell}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

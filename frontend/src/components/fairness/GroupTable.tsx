import { Table, Text } from "@mantine/core";
import { differenceText, intervalText, type GroupRow } from "./groupRows";

/** The figures of the chart, and how far each group is from all other masks. */
export function GroupTable({ rows }: { readonly rows: readonly GroupRow[] }) {
  const hasSmall = rows.some(({ isSmall }) => isSmall);
  return (
    <div>
      <Table.ScrollContainer minWidth={620}>
        <Table verticalSpacing={6} className="group-table" data-testid="group-table">
          <Table.Thead>
            <Table.Tr>
              <Table.Th rowSpan={2}>Group</Table.Th>
              <Table.Th rowSpan={2} ta="right">
                Masks
              </Table.Th>
              <Table.Th rowSpan={2} ta="right">
                Images
              </Table.Th>
              <Table.Th colSpan={2}>1 click</Table.Th>
              <Table.Th colSpan={2}>3 clicks</Table.Th>
            </Table.Tr>
            <Table.Tr>
              <Table.Th>mIoU</Table.Th>
              <Table.Th>to the rest</Table.Th>
              <Table.Th>mIoU</Table.Th>
              <Table.Th>to the rest</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ key, name, masks, images, isSmall, one, three }) => (
              <Table.Tr key={key} data-small={isSmall} data-testid="group-row" data-name={name}>
                <Table.Td miw={120} style={{ whiteSpace: "normal", overflowWrap: "anywhere" }}>
                  {name}
                </Table.Td>
                <Table.Td ta="right">{masks.toLocaleString("en")}</Table.Td>
                <Table.Td ta="right">{images.toLocaleString("en")}</Table.Td>
                <Table.Td>{intervalText(one.miou)}</Table.Td>
                <Table.Td>{differenceText(one.difference)}</Table.Td>
                <Table.Td>{intervalText(three.miou)}</Table.Td>
                <Table.Td>{differenceText(three.difference)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {hasSmall && (
        <Text size="xs" c="dimmed" mt={4}>
          In italics: fewer than 30 masks or 5 images, too few to say anything.
        </Text>
      )}
    </div>
  );
}

import { Anchor, Badge, Group, Progress, Table, Text } from "@mantine/core";
import type { QualityCheck } from "../../api/types";
import { counted } from "../common/formats";
import { intervalText } from "./checkTexts";

interface Props {
  readonly checks: readonly QualityCheck[];
  readonly onOpen: (check: QualityCheck) => void;
}

/** A project's release checks: how far each is, and what it found. */
export function CheckTable({ checks, onOpen }: Props) {
  return (
    <Table.ScrollContainer minWidth={720}>
      <Table verticalSpacing="sm" data-testid="checks">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Check</Table.Th>
            <Table.Th>Checkers</Table.Th>
            <Table.Th w={200}>Images</Table.Th>
            <Table.Th>IoU &gt; 0.90</Table.Th>
            <Table.Th>IoU &gt; 0.75</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {checks.map((check) => (
            <Table.Tr key={check.id} data-testid="check">
              <Table.Td>
                <Group gap="xs">
                  <Anchor component="button" type="button" fw={600} onClick={() => onOpen(check)}>
                    {check.name}
                  </Anchor>
                  {check.closed_at !== null && (
                    <Badge size="xs" variant="light" color="gray" tt="none">
                      closed
                    </Badge>
                  )}
                </Group>
                <Text size="xs" c="dimmed">
                  {new Date(check.created_at).toLocaleDateString("en", { dateStyle: "medium" })} ·{" "}
                  {counted(check.mask_count, "mask")}
                </Text>
              </Table.Td>
              <Table.Td>{check.checkers.map(({ display_name }) => display_name).join(", ") || "–"}</Table.Td>
              <Table.Td>
                <CheckProgress check={check} />
              </Table.Td>
              <Table.Td>{check.figures ? intervalText(check.figures.above_90) : "–"}</Table.Td>
              <Table.Td>{check.figures ? intervalText(check.figures.above_75) : "–"}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** How many of its images are in. */
export function CheckProgress({ check }: { readonly check: QualityCheck }) {
  const { image_count: total, submitted_count: done } = check;
  return (
    <div>
      <Progress size="sm" value={total ? (100 * done) / total : 0} color="teal" aria-hidden />
      <Text size="xs" c="dimmed" mt={4}>
        {done.toLocaleString("en")} of {counted(total, "image")} checked
      </Text>
    </div>
  );
}

import { Alert, Collapse, ScrollArea, Stack, Table, Text, UnstyledButton } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import { counted } from "../common/formats";
import { fieldNames, lossSentence, shownIou, type LossReport } from "./losses";

/** What the format could not hold of an export. */
export function LossAccount({ report }: { readonly report: LossReport }) {
  const { changed, holes_lost: holes, parts_lost: parts, fields_without_a_place: fields, worst } = report;
  const [isOpen, setOpen] = useState(false);
  const lost = [holes > 0 && counted(holes, "hole"), parts > 0 && counted(parts, "part")].filter(Boolean);
  return (
    <Stack gap="xs" data-testid="export-losses">
      <Alert
        variant="light"
        color={changed === 0 ? "teal" : "orange"}
        icon={changed === 0 ? <IconCircleCheck size={18} /> : <IconAlertTriangle size={18} />}
      >
        <Text size="sm">
          {lossSentence(report)} {lost.length > 0 && `Lost: ${lost.join(" and ")}.`}
        </Text>
      </Alert>
      {fields.length > 0 && (
        <Text size="sm" c="dimmed">
          Fields this format has no place for: {fieldNames(fields)}.
        </Text>
      )}
      {(report.tags_lost ?? 0) > 0 && (
        <Text size="sm" c="dimmed">
          This format has no place for {counted(report.tags_lost ?? 0, "tag")} of images.
        </Text>
      )}
      {worst.length > 0 && (
        <>
          <UnstyledButton
            className="text-button"
            onClick={() => setOpen(!isOpen)}
            aria-expanded={isOpen}
            fz="sm"
            c="var(--mantine-color-anchor)"
          >
            {isOpen ? "Hide" : "Show"} the {counted(worst.length, "mask")} that changed most
          </UnstyledButton>
          <Collapse expanded={isOpen}>
            <ScrollArea.Autosize mah={220}>
              <Table striped stickyHeader aria-label="Masks that changed most" fz="sm">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Mask</Table.Th>
                    <Table.Th ta="right">IoU</Table.Th>
                    <Table.Th ta="right">Pixels lost</Table.Th>
                    <Table.Th ta="right">added</Table.Th>
                    <Table.Th ta="right">Holes lost</Table.Th>
                    <Table.Th ta="right">Parts lost</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {worst.map((loss) => (
                    <Table.Tr key={loss.mask}>
                      <Table.Td>{loss.mask}</Table.Td>
                      <Table.Td ta="right">{shownIou(loss.iou)}</Table.Td>
                      <Table.Td ta="right">{loss.pixels_lost.toLocaleString("en")}</Table.Td>
                      <Table.Td ta="right">{loss.pixels_added.toLocaleString("en")}</Table.Td>
                      <Table.Td ta="right">{loss.holes_lost}</Table.Td>
                      <Table.Td ta="right">{loss.parts_lost}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </ScrollArea.Autosize>
            <Text size="xs" className="faint" mt={4}>
              losses.json in the archive names them by their uuids, up to 1,000.
            </Text>
          </Collapse>
        </>
      )}
    </Stack>
  );
}

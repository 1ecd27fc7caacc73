import { Button, Group, Radio, ScrollArea, Select, Stack, Table, Text } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { useState } from "react";
import type { Format, Label } from "../../api/types";
import { counted } from "../common/formats";
import type { MadeFile } from "../jobs/jobTexts";
import { ImportProblems } from "./ImportProblems";
import {
  CREATE,
  firstChoice,
  pictureSentence,
  SKIP,
  type ImportPolicy,
  type ImportPreview,
  type LabelChoice,
} from "./imports";

interface Props {
  readonly preview: ImportPreview;
  readonly problemsFile: MadeFile | null;
  readonly formats: readonly Format[];
  readonly labels: readonly Label[];
  readonly isStarting: boolean;
  readonly onBack: () => void;
  readonly onImport: (chosen: Readonly<Record<string, LabelChoice>>, policy: ImportPolicy) => void;
}

/** What is in a data set, and what is to become of it. */
export function ImportPreviewForm(props: Props) {
  const { preview, formats, labels, isStarting, onBack, onImport } = props;
  const [chosen, setChosen] = useState<Readonly<Record<string, LabelChoice>>>({});
  const [policy, setPolicy] = useState<ImportPolicy>("skip");
  const { images_with_masks: taken, unlabelled, masks_known: known } = preview;
  const title = formats.find(({ name }) => name === preview.format)?.title ?? preview.format;
  return (
    <Stack data-testid="import-preview" data-format={preview.format}>
      <div>
        <Text fw={600}>
          {counted(preview.masks, "mask")}, read as {title}
        </Text>
        <Text size="sm" c="dimmed">
          {pictureSentence(preview)}
          {unlabelled > 0 && ` ${counted(unlabelled, "mask")} without a label, to be labelled later.`}
          {known > 0 && ` The project has ${known.toLocaleString("en")} of the masks already.`}
        </Text>
      </div>
      {preview.labels.length > 0 && (
        <ScrollArea.Autosize mah={280}>
          <Table stickyHeader aria-label="Labels of the data set">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>In the file</Table.Th>
                <Table.Th ta="right">Masks</Table.Th>
                <Table.Th w={240}>Becomes</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {preview.labels.map((found) => (
                <Table.Tr key={found.name}>
                  <Table.Td style={{ overflowWrap: "anywhere" }}>{found.name}</Table.Td>
                  <Table.Td ta="right">{found.masks.toLocaleString("en")}</Table.Td>
                  <Table.Td>
                    <Select
                      size="xs"
                      aria-label={`What ${found.name} becomes`}
                      searchable
                      allowDeselect={false}
                      value={chosen[found.name] ?? firstChoice(found)}
                      onChange={(choice) => choice && setChosen({ ...chosen, [found.name]: choice })}
                      data={[
                        { value: CREATE, label: "A new label" },
                        { value: SKIP, label: "Left out" },
                        ...labels.map(({ id, name }) => ({ value: String(id), label: name })),
                      ]}
                    />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea.Autosize>
      )}
      {preview.label_count > preview.labels.length && (
        <Text size="sm" c="dimmed">
          {counted(preview.label_count - preview.labels.length, "more label")} become those of their names, or
          new ones.
        </Text>
      )}
      {taken > 0 && (
        <Radio.Group
          label={`${counted(taken, "image has", "images have")} masks already`}
          value={policy}
          onChange={(value) => setPolicy(value)}
        >
          <Stack gap={6} mt={6}>
            <Radio value="skip" label="Leave them as they are" />
            <Radio value="add" label="Add the masks they do not have yet" />
            <Radio
              value="replace"
              label="Replace their masks; those of before are deleted, and can be brought back"
              data-testid="import-replace"
            />
          </Stack>
        </Radio.Group>
      )}
      <ImportProblems count={preview.problem_count} problems={preview.problems} file={props.problemsFile} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          Another zip
        </Button>
        <Button
          leftSection={<IconFileImport size={16} />}
          loading={isStarting}
          disabled={preview.pictures.total === preview.pictures.missing}
          onClick={() => onImport(chosen, policy)}
          data-testid="import-start"
        >
          Import
        </Button>
      </Group>
    </Stack>
  );
}

import { Badge, Button, Collapse, Group, Radio, Stack, Switch, Text, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconDownload, IconFileExport } from "@tabler/icons-react";
import { useState } from "react";
import { cocoExportUrl } from "../../api/projects";
import type { Format, Label, Membership, Project, Tag } from "../../api/types";
import { counted } from "../common/formats";
import { filterCount, isPlain, needsPictures, problemOf, type ExportChoices } from "./exportChoices";
import { ExportFilters } from "./ExportFilters";
import { FormatSelect } from "./FormatSelect";
import { SplitFields } from "./SplitFields";

/** Masks that take the server long enough to write that one would rather not wait for them. */
const MANY = 5_000;

interface Props {
  readonly project: Pick<Project, "id" | "mask_count" | "unlabelled_mask_count">;
  readonly formats: readonly Format[];
  readonly labels: readonly Label[];
  readonly tags: readonly Tag[];
  readonly members: readonly Membership[];
  readonly choices: ExportChoices;
  readonly isStarting: boolean;
  readonly onChange: (choices: ExportChoices) => void;
  readonly onStart: () => void;
  /** The browser downloads by itself; nothing is left to be shown. */
  readonly onTaken: () => void;
}

/** How a project is exported. */
export function ExportForm(props: Props) {
  const { project, formats, labels, tags, members, choices, isStarting, onChange, onStart, onTaken } = props;
  const { filter } = choices;
  const [isFilterOpen, setFilterOpen] = useState(filterCount(filter) > 0);
  const unlabelled = project.unlabelled_mask_count;
  const isQuick = isPlain(choices) && project.mask_count < MANY;
  const problem = problemOf(choices);
  return (
    <Stack>
      <FormatSelect
        formats={formats}
        value={choices.format}
        onChange={(format) => onChange({ ...choices, format })}
      />
      <Switch
        label="With the photographs"
        checked={choices.withPictures || needsPictures(choices)}
        disabled={needsPictures(choices)}
        onChange={(event) => onChange({ ...choices, withPictures: event.currentTarget.checked })}
        data-testid="export-pictures"
      />
      {unlabelled > 0 && (
        <Radio.Group
          label={`${counted(unlabelled, "mask has", "masks have")} no label yet`}
          value={choices.unlabelled}
          onChange={(value) => onChange({ ...choices, unlabelled: value })}
        >
          <Stack gap={6} mt={6}>
            <Radio value="skip" label="Leave them out" data-testid="export-skip" />
            <Radio
              value="include"
              label="Export them as “unlabelled”, with the id 0"
              data-testid="export-include"
            />
          </Stack>
        </Radio.Group>
      )}
      <SplitFields splits={choices.splits} onChange={(splits) => onChange({ ...choices, splits })} />
      <div>
        <UnstyledButton
          onClick={() => setFilterOpen(!isFilterOpen)}
          aria-expanded={isFilterOpen}
          data-testid="export-filters"
        >
          <Group gap={6}>
            {isFilterOpen ? <IconChevronDown size={16} /> : <IconChevronRight size={16} />}
            <Text size="sm">Only some of it</Text>
            {filterCount(filter) > 0 && (
              <Badge size="sm" variant="light">
                {filterCount(filter)}
              </Badge>
            )}
          </Group>
        </UnstyledButton>
        <Collapse expanded={isFilterOpen} pt="xs">
          <ExportFilters
            labels={labels}
            tags={tags}
            members={members}
            filter={filter}
            onChange={(next) => onChange({ ...choices, filter: next })}
          />
        </Collapse>
      </div>
      {problem && (
        <Text size="sm" c="var(--app-error)" role="alert">
          {problem}
        </Text>
      )}
      <Group justify="flex-end">
        {isPlain(choices) && (
          <Button
            component="a"
            href={cocoExportUrl(project.id, unlabelled > 0 ? choices.unlabelled : undefined)}
            download
            variant={isQuick ? "filled" : "default"}
            leftSection={<IconDownload size={16} />}
            onClick={onTaken}
            data-testid="export-now"
          >
            Download the JSON now
          </Button>
        )}
        <Button
          variant={isQuick ? "default" : "filled"}
          leftSection={<IconFileExport size={16} />}
          loading={isStarting}
          disabled={problem !== ""}
          onClick={onStart}
          data-testid="export-start"
        >
          {isPlain(choices) ? "Export as a zip" : "Export"}
        </Button>
      </Group>
    </Stack>
  );
}

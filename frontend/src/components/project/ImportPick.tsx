import { Button, FileButton, Group, Progress, Select, Stack, Text } from "@mantine/core";
import { IconFileZip } from "@tabler/icons-react";
import { useState } from "react";
import type { Format } from "../../api/types";

export const AUTO = "auto";

interface Props {
  /** Those that can be read. */
  readonly formats: readonly Format[];
  /** From 0 to 1 while a file is on its way, null else. */
  readonly sent: number | null;
  readonly onPick: (file: File, format: string) => void;
  readonly onCancel: () => void;
}

/** Which data set to look at. */
export function ImportPick({ formats, sent, onPick, onCancel }: Props) {
  const [format, setFormat] = useState(AUTO);
  return (
    <Stack>
      <Text size="sm">
        A zip of a data set, with its pictures or without. It is looked over first; nothing is changed before
        you have seen what is in it.
      </Text>
      <Select
        label="Format"
        searchable
        allowDeselect={false}
        value={format}
        onChange={(name) => name && setFormat(name)}
        data={[
          { value: AUTO, label: "Find out" },
          ...formats.map(({ name, title }) => ({ value: name, label: title })),
        ]}
        disabled={sent !== null}
      />
      {sent === null ? (
        <Group justify="flex-end">
          <FileButton
            accept=".zip,application/zip"
            onChange={(file) => file && onPick(file, format)}
            inputProps={{ "aria-label": "Zip to import" }}
          >
            {(props) => (
              <Button {...props} leftSection={<IconFileZip size={16} />} data-testid="import-pick">
                Choose a zip…
              </Button>
            )}
          </FileButton>
        </Group>
      ) : (
        <>
          <Progress value={100 * sent} animated aria-label="Progress of the upload" />
          <Group justify="space-between">
            <Text size="sm" className="faint" role="status">
              {sent < 1 ? `${Math.floor(100 * sent)} % sent` : "The server keeps it…"}
            </Text>
            <Button variant="default" onClick={onCancel}>
              Cancel
            </Button>
          </Group>
        </>
      )}
    </Stack>
  );
}

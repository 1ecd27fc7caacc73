import { Button, FileButton, Group, Progress, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { IconFileZip } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import type { Format } from "../../api/types";

export const AUTO = "auto";

interface Props {
  /** Those that can be read. */
  readonly formats: readonly Format[];
  /** From 0 to 1 while a file is on its way, null else. */
  readonly sent: number | null;
  readonly onPick: (file: File, format: string) => void;
  readonly onCancel: () => void;
  /** Shows folders of the server, to be read in this format; null where none are open. */
  readonly browser: ((format: string) => ReactNode) | null;
}

/** Which data set to look at. */
export function ImportPick({ formats, sent, onPick, onCancel, browser }: Props) {
  const [format, setFormat] = useState(AUTO);
  const [from, setFrom] = useState<"zip" | "place">("zip");
  return (
    <Stack>
      <Text size="sm">
        A data set, with its pictures or without. It is looked over first; nothing is changed before you have
        seen what is in it.
      </Text>
      {browser && (
        <SegmentedControl
          aria-label="Where it is"
          value={from}
          onChange={(value) => setFrom(value)}
          disabled={sent !== null}
          data={[
            { value: "zip", label: "A zip of yours" },
            { value: "place", label: "A folder of the server" },
          ]}
        />
      )}
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
      {browser && from === "place" && browser(format)}
      {from === "place" ? null : sent === null ? (
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

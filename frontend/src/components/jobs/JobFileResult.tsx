import { Button, Group, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Job } from "../../api/types";
import { fileSize } from "../common/formats";
import { JobProgress } from "./JobProgress";
import { fileOf, keptUntil } from "./jobTexts";

interface Props {
  readonly job: Job;
  /** What kind of file it makes: begins the test ids, and is named by the button for another one. */
  readonly what: "export" | "release";
  /** Said after the file's size and time. */
  readonly note?: string;
  readonly onAgain: () => void;
  readonly onClose: () => void;
  /** What is told of what was made. */
  readonly children?: ReactNode;
}

/** A job that makes a file, on its way; then what came of it, and the file. */
export function JobFileResult({ job, what, note = "", onAgain, onClose, children }: Props) {
  const file = fileOf(job);
  const isUnfinished = job.state === "queued" || job.state === "running";
  return (
    <Stack data-testid={`${what}-job`} data-state={job.state}>
      <JobProgress job={job} />
      {isUnfinished && <Text size="sm">You may close this: the bell tells you when the file is ready.</Text>}
      {children}
      {file && (
        <Text size="sm" className="faint" style={{ overflowWrap: "anywhere" }}>
          {file.name}, {fileSize(file.bytes)}, {keptUntil(file)}
          {note}
        </Text>
      )}
      <Group justify="flex-end">
        {isUnfinished ? (
          <Button variant="default" onClick={onClose} data-testid={`${what}-close`}>
            Close
          </Button>
        ) : (
          <Button variant="default" onClick={onAgain} data-testid={`${what}-again`}>
            Another {what}
          </Button>
        )}
        {file && (
          <Button
            component="a"
            href={file.url}
            download
            leftSection={<IconDownload size={16} />}
            data-testid={`${what}-download`}
          >
            Download
          </Button>
        )}
      </Group>
    </Stack>
  );
}

import { Button, Group, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import type { Job } from "../../api/types";
import { fileSize } from "../common/formats";
import { JobProgress } from "../jobs/JobProgress";
import { fileOf, keptUntil } from "../jobs/jobTexts";
import { LossAccount } from "./LossAccount";
import { lossesOf } from "./losses";

interface Props {
  readonly job: Job;
  readonly onAgain: () => void;
  readonly onClose: () => void;
}

/** An export on its way, and what came of it. */
export function ExportResult({ job, onAgain, onClose }: Props) {
  const file = fileOf(job);
  const losses = lossesOf(job);
  const isUnfinished = job.state === "queued" || job.state === "running";
  return (
    <Stack data-testid="export-job" data-state={job.state}>
      <JobProgress job={job} />
      {isUnfinished && <Text size="sm">You may close this: the bell tells you when the file is ready.</Text>}
      {losses && <LossAccount report={losses} />}
      {file && (
        <Text size="sm" className="faint" style={{ overflowWrap: "anywhere" }}>
          {file.name}, {fileSize(file.bytes)}, {keptUntil(file)}
        </Text>
      )}
      <Group justify="flex-end">
        {isUnfinished ? (
          <Button variant="default" onClick={onClose} data-testid="export-close">
            Close
          </Button>
        ) : (
          <Button variant="default" onClick={onAgain} data-testid="export-again">
            Another export
          </Button>
        )}
        {file && (
          <Button
            component="a"
            href={file.url}
            download
            leftSection={<IconDownload size={16} />}
            data-testid="export-download"
          >
            Download
          </Button>
        )}
      </Group>
    </Stack>
  );
}

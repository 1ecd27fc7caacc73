import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import type { Job } from "../../api/types";
import { JobProgress } from "../jobs/JobProgress";
import { fileOf } from "../jobs/jobTexts";
import { ImportProblems } from "./ImportProblems";
import { outcomeOf, outcomeSentence } from "./imports";

interface Props {
  readonly job: Job;
  readonly onAgain: () => void;
  readonly onClose: () => void;
}

/** A look at a data set, or its import, on its way, and what came of an import. */
export function ImportResult({ job, onAgain, onClose }: Props) {
  const outcome = outcomeOf(job);
  const isUnfinished = job.state === "queued" || job.state === "running";
  return (
    <Stack data-testid="import-job" data-kind={job.kind} data-state={job.state}>
      <JobProgress job={job} />
      {isUnfinished && <Text size="sm">You may close this: the bell tells you when it is done.</Text>}
      {outcome && (
        <>
          <Alert variant="light" color="teal" icon={<IconCircleCheck size={18} />}>
            <Text size="sm">{outcomeSentence(outcome)}</Text>
          </Alert>
          <ImportProblems count={outcome.problem_count} problems={outcome.problems} file={fileOf(job)} />
        </>
      )}
      <Group justify="flex-end">
        {!isUnfinished && (
          <Button variant="default" onClick={onAgain}>
            Another import
          </Button>
        )}
        <Button variant={outcome ? "filled" : "default"} onClick={onClose} data-testid="import-close">
          Close
        </Button>
      </Group>
    </Stack>
  );
}

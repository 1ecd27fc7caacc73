import { Anchor, Button, Group, Progress, Stack, Text } from "@mantine/core";
import type { FairnessReport } from "../../api/fairness";
import { counted, sinceWhen } from "../common/formats";
import { JobBadge } from "../jobs/JobBadge";
import { JobButtons, type JobAction } from "../jobs/JobButtons";
import { progressPercent, progressText } from "../jobs/jobTexts";

interface Props {
  readonly report: FairnessReport;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  /** Null where one's role, or its state, does not allow it. */
  readonly cancel: JobAction | null;
  readonly retry: JobAction | null;
  readonly mayTakeFile: boolean;
}

const FIRST_CLICKS = { random: "random first click", centre: "first click in the middle" } as const;

/** One report: which model was measured, how far it is, and how to look at it. */
export function ReportRow({ report, isChosen, onChoose, cancel, retry, mayTakeFile }: Props) {
  const isActive = report.state === "queued" || report.state === "running";
  const about = [
    report.created_by?.display_name ?? "Somebody",
    sinceWhen(new Date(report.created_at), new Date()),
    FIRST_CLICKS[report.first_click],
    `seed ${report.seed}`,
  ];
  return (
    <li
      className="surface run-row"
      data-testid="fairness-report"
      data-state={report.state}
      data-chosen={isChosen}
    >
      <Group p="sm" gap="md" align="flex-start">
        <Stack gap={4} style={{ flex: "1 1 280px" }} miw={0}>
          <Group gap="xs">
            <Text fw={600}>{report.model}</Text>
            <JobBadge look={report.state} />
          </Group>
          <Text size="sm" className="faint">
            {about.join(" · ")}
          </Text>
          {isActive && (
            <>
              <Progress
                value={progressPercent(report.progress)}
                size="sm"
                animated={report.state === "running"}
                aria-label={`Progress of report ${report.id}`}
              />
              <Text size="sm" data-testid="report-progress">
                {progressText(report.progress, report.eta_seconds) ||
                  "It begins as soon as a worker is free."}
              </Text>
            </>
          )}
          {report.error_message && (
            <Text size="sm" c="var(--app-error)" style={{ overflowWrap: "anywhere" }}>
              {report.error_message}
            </Text>
          )}
          {!isActive && <Text size="sm">{measuredText(report)}</Text>}
        </Stack>
        <Group gap={6}>
          {mayTakeFile && report.file_url && (
            <Anchor href={report.file_url} size="sm" underline="always" data-testid="report-file">
              CSV
            </Anchor>
          )}
          <JobButtons cancel={cancel} retry={retry} retryText="Go on" testId="report" />
          <Button
            size="xs"
            variant={isChosen ? "light" : "default"}
            aria-pressed={isChosen}
            disabled={report.masks_measured === 0}
            onClick={onChoose}
            data-testid="report-choose"
          >
            {isChosen ? "Shown below" : "Show"}
          </Button>
        </Group>
      </Group>
    </li>
  );
}

function measuredText({ masks_measured, images_done, images_failed }: FairnessReport): string {
  const done = `${counted(masks_measured, "mask")} of ${counted(images_done, "image")} measured`;
  return images_failed > 0 ? `${done}, ${counted(images_failed, "image")} could not be` : done;
}

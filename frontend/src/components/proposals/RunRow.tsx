import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import type { ProposalRun } from "../../api/proposals";
import { counted, sinceWhen } from "../common/formats";
import { JobBadge } from "../jobs/JobBadge";
import { JobButtons, type JobAction } from "../jobs/JobButtons";
import { lookOf, progressPercent, progressText } from "../jobs/jobTexts";
import { OutcomeBar } from "./OutcomeBar";
import { outcomeText, STAGES } from "./outcomes";
import { SOURCES } from "./runChoices";

interface Props {
  readonly run: ProposalRun;
  readonly labelName: string | null;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  /** Null where one's role, or its state, does not allow it. */
  readonly cancel: JobAction | null;
  readonly retry: JobAction | null;
}

/** One run: what it looks for, how far it is, and what became of what it found. */
export function RunRow({ run, labelName, isChosen, onChoose, cancel, retry }: Props) {
  const look = lookOf({ state: run.state, is_cancelling: false, is_expired: false });
  const isActive = look === "queued" || look === "running";
  const stage = STAGES[run.stage];
  const found = Object.entries(run.counts).reduce(
    (sum, [name, count]) => (name === "accepted" ? sum : sum + count),
    0,
  );
  const about = [
    run.created_by?.display_name ?? "Somebody",
    sinceWhen(new Date(run.created_at), new Date()),
    run.model,
    SOURCES[run.source].name.toLowerCase(),
    `preset ${run.preset}`,
    labelName,
  ];
  return (
    <li className="surface run-row" data-testid="proposal-run" data-state={run.state} data-chosen={isChosen}>
      <Group p="sm" gap="md" align="flex-start">
        <Stack gap={4} style={{ flex: "1 1 280px" }} miw={0}>
          <Group gap="xs">
            <Text fw={600}>
              {stage.name}, {counted(found, "proposal")}
            </Text>
            <JobBadge look={look} />
          </Group>
          <Text size="sm" className="faint">
            {about.filter(Boolean).join(" · ")}
          </Text>
          {isActive && (
            <>
              <Progress
                value={progressPercent(run.progress)}
                size="sm"
                animated={look === "running"}
                aria-label={`Progress of run ${run.id}`}
              />
              <Text size="sm" data-testid="run-progress">
                {progressText(run.progress, run.eta_seconds) || "It begins as soon as a worker is free."}
              </Text>
            </>
          )}
          {run.error_message && (
            <Text size="sm" c="var(--app-error)" style={{ overflowWrap: "anywhere" }}>
              {run.error_message}
            </Text>
          )}
          {!isActive && <Text size="sm">{imagesText(run)}</Text>}
        </Stack>
        <Stack gap={6} style={{ flex: "1 1 240px" }} miw={0}>
          {found > 0 && <OutcomeBar counts={run.counts} />}
          <Text size="xs" className="faint" data-testid="run-outcome">
            {outcomeText(run.counts)}
          </Text>
        </Stack>
        <Group gap={6}>
          <JobButtons cancel={cancel} retry={retry} retryText="Go on" testId="run" />
          <Button
            size="xs"
            variant={isChosen ? "light" : "default"}
            aria-pressed={isChosen}
            disabled={found === 0}
            onClick={onChoose}
            data-testid="run-choose"
          >
            {isChosen ? "All runs" : "Only this run"}
          </Button>
        </Group>
      </Group>
    </li>
  );
}

function imagesText({ images_done, images_total, images_failed, covered }: ProposalRun): string {
  const done = `${images_done.toLocaleString("en")} of ${counted(images_total, "image")} looked at`;
  const failed = images_failed > 0 && `${counted(images_failed, "image")} could not be`;
  const left = covered > 0 && `${counted(covered, "find")} left out under masks that were there`;
  return [done, failed, left].filter(Boolean).join(", ");
}

import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import type { Evaluation } from "../../api/evaluations";
import { counted, sinceWhen } from "../common/formats";
import { JobBadge } from "../jobs/JobBadge";
import { JobButtons, type JobAction } from "../jobs/JobButtons";
import { progressPercent, progressText } from "../jobs/jobTexts";
import { figureText } from "./figures";

interface Props {
  readonly evaluation: Evaluation;
  /** What its task is called. */
  readonly title: string;
  readonly isShown: boolean;
  readonly onShow: () => void;
  /** Whether it stands beside the one that is shown; null where it cannot. */
  readonly isBeside: boolean | null;
  readonly onBeside: () => void;
  /** Null where one's role, or its state, does not allow it. */
  readonly cancel: JobAction | null;
  readonly retry: JobAction | null;
}

/** One evaluation: what was asked of which model, how far it is, the figure that stands for it. */
export function EvaluationRow(props: Props) {
  const { evaluation, title, isShown, isBeside, cancel, retry } = props;
  const isActive = evaluation.state === "queued" || evaluation.state === "running";
  const name = `${title}, no. ${evaluation.id}`;
  const figure = evaluation.figures[0];
  const about = [
    evaluation.model,
    evaluation.created_by?.display_name ?? "Somebody",
    sinceWhen(new Date(evaluation.created_at), new Date()),
    `no. ${evaluation.id}`,
  ];
  return (
    <li
      className="surface run-row"
      data-testid="evaluation"
      data-state={evaluation.state}
      data-task={evaluation.task}
      data-chosen={isShown || isBeside === true}
    >
      <Group p="sm" gap="md" align="flex-start">
        <Stack gap={4} style={{ flex: "1 1 280px" }} miw={0}>
          <Group gap="xs">
            <Text fw={600}>{title}</Text>
            <JobBadge look={evaluation.state} />
          </Group>
          <Text size="sm" className="faint" style={{ overflowWrap: "anywhere" }}>
            {about.join(" · ")}
          </Text>
          {isActive && (
            <>
              <Progress
                value={progressPercent(evaluation.progress)}
                size="sm"
                animated={evaluation.state === "running"}
                aria-label={`Progress of ${name}`}
              />
              <Text size="sm" data-testid="evaluation-progress">
                {progressText(evaluation.progress, evaluation.eta_seconds) ||
                  "It begins as soon as a worker is free."}
              </Text>
            </>
          )}
          {evaluation.error_message && (
            <Text size="sm" c="var(--app-error)" style={{ overflowWrap: "anywhere" }}>
              {evaluation.error_message}
            </Text>
          )}
          {evaluation.state === "succeeded" && <Text size="sm">{imagesText(evaluation)}</Text>}
        </Stack>
        {figure && (
          <Stack gap={0} align="flex-end" data-testid="evaluation-key-figure">
            <Text fw={700} fz="lg" style={{ fontVariantNumeric: "tabular-nums" }}>
              {figureText(figure.value)}
            </Text>
            <Text size="xs" c="dimmed">
              {figure.name}
            </Text>
          </Stack>
        )}
        <Group gap={6}>
          <JobButtons cancel={cancel} retry={retry} title={name} testId="evaluation" />
          {isBeside !== null && (
            <Button
              size="xs"
              variant={isBeside ? "light" : "default"}
              aria-pressed={isBeside}
              aria-label={`${isBeside ? "Compared" : "Compare"} with ${name}`}
              onClick={props.onBeside}
              data-testid="evaluation-compare"
            >
              {isBeside ? "Compared" : "Compare"}
            </Button>
          )}
          <Button
            size="xs"
            variant={isShown ? "light" : "default"}
            aria-pressed={isShown}
            aria-label={`${isShown ? "Shown below" : "Show"}: ${name}`}
            disabled={evaluation.state !== "succeeded"}
            onClick={props.onShow}
            data-testid="evaluation-show"
          >
            {isShown ? "Shown below" : "Show"}
          </Button>
        </Group>
      </Group>
    </li>
  );
}

function imagesText({ images, images_left_out: leftOut }: Evaluation): string {
  const done = `${counted(images, "image")} measured`;
  return leftOut > 0 ? `${done}, ${counted(leftOut, "image")} could not be` : done;
}

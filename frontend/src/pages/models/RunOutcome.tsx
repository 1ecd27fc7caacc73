import { Alert, Anchor, Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { IconArrowDownRight, IconArrowUpRight, IconEqual, IconRocket } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { describeError } from "../../api/errors";
import { mayChange } from "../../api/permissions";
import { promoteRun } from "../../api/training";
import type { ProjectDetail, TrainingRunDetail } from "../../api/types";
import { ComparisonPictures } from "../../components/models/ComparisonPictures";
import { FigureTable } from "../../components/models/FigureTable";
import { changeText, modelName } from "../../components/models/modelTexts";
import { caveatText, VERDICTS, verdictText, type Verdict } from "../../components/models/trainingTexts";
import { useModelTaken } from "./useModelTaken";

interface Props {
  readonly project: ProjectDetail;
  readonly run: TrainingRunDetail;
  readonly metrics: NonNullable<TrainingRunDetail["metrics"]>;
  readonly verdict: Verdict;
}

const ICONS = {
  better: <IconArrowUpRight size={18} />,
  same: <IconEqual size={18} />,
  worse: <IconArrowDownRight size={18} />,
} as const;

/** What came of a retraining: the verdict, the figures, the pictures, and giving the project the new model. */
export function RunOutcome({ project, run, metrics, verdict }: Props) {
  const { label, color } = VERDICTS[verdict];
  const caveat = caveatText(metrics);
  return (
    <Stack gap="md">
      <Alert
        {...(verdict === "same" ? { variant: "default" } : { color })}
        icon={ICONS[verdict]}
        title={label}
        data-testid="run-verdict"
        data-verdict={verdict}
      >
        <Stack gap="xs">
          <Text size="sm">{verdictText(verdict, metrics)}</Text>
          {caveat && (
            <Text size="sm" c="dimmed">
              {caveat}
            </Text>
          )}
          <Promotion project={project} run={run} verdict={verdict} />
        </Stack>
      </Alert>
      <FigureTable {...metrics} />
      {run.pictures_url !== null && <ComparisonPictures url={run.pictures_url} />}
    </Stack>
  );
}

/** One click where the model is better; else it is asked whether that is meant. */
function Promotion({ project, run, verdict }: Omit<Props, "metrics">) {
  const [isAsking, setAsking] = useState(false);
  const taken = useModelTaken(project.id);
  const promote = useMutation({
    mutationFn: (isWantedAnyway: boolean) => promoteRun(run.id, isWantedAnyway),
    onSuccess: async (now) => {
      setAsking(false);
      notifications.show({
        color: "teal",
        title: `The project uses ${modelName(now.model)} now`,
        message: "Under “This project” you see how far its images are, and can roll back.",
      });
      await taken(now);
    },
    onError: async (error) => {
      notifications.show({
        color: "orange",
        title: "Nothing was changed",
        message: describeError(error).message,
      });
      await taken(null);
    },
  });
  if (run.is_promoted) {
    return (
      <Text size="sm" data-testid="run-promoted">
        The project uses this model.{" "}
        <Anchor component={Link} to={`/projects/${project.id}/models?tab=model`} size="sm" underline="always">
          How far its images are, and rolling back
        </Anchor>
      </Text>
    );
  }
  if (!run.result || !mayChange(project, "POST training-runs/{training_run_id}/promote/")) return null;
  // Measured against another model than the project has now, its verdict says nothing of that one.
  const isComparable = project.model.id === run.parent.id;
  const isPlain = verdict === "better" && isComparable;
  return (
    <Group gap="sm">
      <Button
        {...(isPlain ? {} : { variant: "default" })}
        leftSection={<IconRocket size={16} />}
        loading={promote.isPending && !isAsking}
        onClick={() => (isPlain ? promote.mutate(false) : setAsking(true))}
        data-testid="run-promote"
      >
        Promote{isPlain ? "" : "…"}
      </Button>
      <Text size="xs" c="dimmed" maw={520}>
        {isPlain
          ? changeText(project.image_count)
          : "Nothing asks for it: the model of now is kept unless you say so."}
      </Text>
      <Modal opened={isAsking} onClose={() => setAsking(false)} title={`Promote ${modelName(run.result)}?`}>
        <Asking
          reason={
            isComparable
              ? VERDICT_REASONS[verdict]
              : `It was measured against ${modelName(run.parent)}, but the project uses ${modelName(project.model)} now: nobody knows which of the two is better.`
          }
          imageCount={project.image_count}
          isPromoting={promote.isPending}
          onCancel={() => setAsking(false)}
          onPromote={() => promote.mutate(true)}
        />
      </Modal>
    </Group>
  );
}

const VERDICT_REASONS: Readonly<Record<Verdict, string>> = {
  better: "It is better than the model it came from.",
  same: "Nothing shows that it is better than the model it came from.",
  worse: "It is worse than the model it came from: people will need more clicks.",
};

interface AskingProps {
  readonly reason: string;
  readonly imageCount: number;
  readonly isPromoting: boolean;
  readonly onCancel: () => void;
  readonly onPromote: () => void;
}

function Asking({ reason, imageCount, isPromoting, onCancel, onPromote }: AskingProps) {
  const [isMeant, setMeant] = useState(false);
  return (
    <Stack>
      <Text size="sm">{reason}</Text>
      <Text size="sm">{changeText(imageCount)}</Text>
      <Checkbox
        label="I want the project to use it all the same"
        checked={isMeant}
        onChange={(event) => setMeant(event.currentTarget.checked)}
        data-autofocus
        data-testid="promote-anyway"
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          Keep the model of now
        </Button>
        <Button
          color="orange"
          disabled={!isMeant}
          loading={isPromoting}
          onClick={onPromote}
          data-testid="promote-confirm"
        >
          Promote it
        </Button>
      </Group>
    </Stack>
  );
}

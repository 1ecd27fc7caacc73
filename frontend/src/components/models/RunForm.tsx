import { Alert, Button, Group, MultiSelect, NumberInput, Radio, Skeleton, Stack, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useState } from "react";
import type { Project, TrainingMaterial, TrainingParts } from "../../api/types";
import { PARTS, materialText, tooFewText } from "./trainingTexts";

/** What is asked for of a retraining. */
export interface RunChoice {
  readonly projects: readonly number[];
  readonly parts: TrainingParts;
  readonly minutes: number;
  /** Null for as many as the minutes hold. */
  readonly steps: number | null;
}

interface Props {
  readonly projectName: string;
  readonly modelName: string;
  /** Other projects one manages. */
  readonly others: readonly Pick<Project, "id" | "name">[];
  /** What the chosen projects would give; null before that is known. */
  readonly material: TrainingMaterial | null;
  readonly projects: readonly number[];
  readonly onProjects: (ids: readonly number[]) => void;
  readonly isStarting: boolean;
  readonly onStart: (choice: RunChoice) => void;
}

const USUAL_MINUTES = 10;
const MOST_MINUTES = 7 * 24 * 60;
const MOST_STEPS = 1_000_000;

/** A new retraining: what it learns from, what learns, and for how long. */
export function RunForm(props: Props) {
  const { projectName, modelName, others, material, projects, onProjects, isStarting, onStart } = props;
  const [parts, setParts] = useState<TrainingParts>("auto");
  const [minutes, setMinutes] = useState<number | string>(USUAL_MINUTES);
  const [steps, setSteps] = useState<number | string>("");
  const wanted = Number(minutes);
  const isWhole = Number.isInteger(wanted) && wanted >= 1 && wanted <= MOST_MINUTES;
  const tooFew = material && tooFewText(material);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole && material && !tooFew)
          onStart({ projects, parts, minutes: wanted, steps: steps === "" ? null : Number(steps) });
      }}
    >
      <Stack>
        <Text size="sm">
          {modelName} goes on learning from the accepted masks of “{projectName}”. What comes of it is a model
          of its own that nobody uses before you say so.
        </Text>
        {others.length > 0 && (
          <MultiSelect
            label="Learn from other projects too"
            description="Those you manage. How good it becomes is measured on this project alone."
            placeholder={projects.length === 0 ? "This project alone" : ""}
            data={others.map(({ id, name }) => ({ value: String(id), label: name }))}
            value={projects.map(String)}
            onChange={(values) => onProjects(values.map(Number))}
            searchable
            clearable
          />
        )}
        <Material material={material} tooFew={tooFew} />
        <Radio.Group
          label="What learns"
          value={parts}
          onChange={(value) => setParts(value)}
          data-testid="training-parts"
        >
          <Stack gap={8} mt={6}>
            {PARTS.map(({ value, label, purpose }) => (
              <Radio key={value} value={value} label={label} description={purpose} />
            ))}
          </Stack>
        </Radio.Group>
        <Group align="flex-start" gap="lg">
          <NumberInput
            label="Minutes of training"
            w={200}
            min={1}
            max={MOST_MINUTES}
            allowDecimal={false}
            value={minutes}
            onChange={setMinutes}
            error={isWhole ? null : `From 1 to ${MOST_MINUTES.toLocaleString("en")}`}
            data-testid="training-minutes"
          />
          <NumberInput
            label="Steps at most"
            placeholder="No limit"
            w={240}
            min={1}
            max={MOST_STEPS}
            allowDecimal={false}
            value={steps}
            onChange={setSteps}
            data-testid="training-steps"
          />
        </Group>
        <Text size="xs" c="dimmed">
          It ends earlier when it no longer gets better. Measuring both models comes on top.
        </Text>
        <Group justify="flex-end">
          <Button
            type="submit"
            loading={isStarting}
            disabled={!material || Boolean(tooFew) || !isWhole}
            data-testid="training-start"
          >
            Start the training
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface MaterialProps {
  readonly material: TrainingMaterial | null;
  readonly tooFew: string | null;
}

/** How many accepted masks there are on either side, and whether that is enough. */
function Material({ material, tooFew }: MaterialProps) {
  if (!material) return <Skeleton height={64} radius="md" aria-label="Counting accepted masks" />;
  return (
    <Alert
      color={tooFew ? "orange" : "gray"}
      icon={<IconInfoCircle size={18} />}
      data-testid="training-material"
      data-is-enough={!tooFew}
    >
      <Text size="sm">
        <b>{materialText(material.train_masks, material.train_images)}</b> to train on,{" "}
        <b>{materialText(material.val_masks, material.val_images)}</b> to measure by. One accepted image in
        five is kept for measuring, for ever, so that no model is measured by what it has learned.
      </Text>
      {tooFew && (
        <Text size="sm" mt={6} data-testid="training-too-few">
          {tooFew}
        </Text>
      )}
    </Alert>
  );
}

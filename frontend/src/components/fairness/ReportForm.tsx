import { Button, Group, NumberInput, Radio, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { FairnessReport } from "../../api/fairness";

export interface ReportChoices {
  /** name@version. */
  readonly model: string;
  readonly maxMasks: number;
  readonly seed: number;
  readonly firstClick: FairnessReport["first_click"];
}

interface Props {
  /** The project's, name@version. */
  readonly model: string;
  /** All that are registered. */
  readonly models: readonly string[];
  readonly isStarting: boolean;
  readonly onStart: (choices: ReportChoices) => void;
}

/** What is measured: which model, by how many masks, from which first click on. */
export function ReportForm({ model, models, isStarting, onStart }: Props) {
  const [choices, setChoices] = useState<ReportChoices>({
    model,
    maxMasks: 2000,
    seed: 0,
    firstClick: "random",
  });
  const change = (part: Partial<ReportChoices>) => setChoices((now) => ({ ...now, ...part }));
  const named = [...new Set([model, ...models])];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onStart(choices);
      }}
    >
      <Stack>
        <Select
          label="Model"
          allowDeselect={false}
          data={named.map((name) => ({
            value: name,
            label: name === model ? `${name} (this project’s)` : name,
          }))}
          value={choices.model}
          onChange={(value) => value && change({ model: value })}
          data-testid="report-model"
        />
        <Group grow align="flex-start">
          <NumberInput
            label="Masks at most"
            description="Drawn from all accepted ones"
            min={1}
            max={10_000}
            allowDecimal={false}
            clampBehavior="strict"
            value={choices.maxMasks}
            onChange={(value) => typeof value === "number" && change({ maxMasks: value })}
            data-autofocus
            data-testid="report-masks"
          />
          <NumberInput
            label="Seed"
            description="The same draws the same masks"
            min={0}
            max={2 ** 31 - 1}
            allowDecimal={false}
            clampBehavior="strict"
            value={choices.seed}
            onChange={(value) => typeof value === "number" && change({ seed: value })}
          />
        </Group>
        <Radio.Group
          label="First click"
          value={choices.firstClick}
          onChange={(value) => change({ firstClick: value })}
        >
          <Stack gap="xs" mt={6}>
            <Radio
              value="random"
              label="On any pixel of the mask"
              description="As the paper compares groups of people"
            />
            <Radio
              value="centre"
              label="Farthest from its edge"
              description="Easier, and as models are compared elsewhere"
            />
          </Stack>
        </Radio.Group>
        <Text size="sm" c="dimmed">
          A worker clicks on each mask as a person would, the second and third time where the answer is most
          wrong, and compares with what was accepted. Nothing is changed.
        </Text>
        <Group justify="flex-end">
          <Button type="submit" loading={isStarting} data-testid="report-start">
            Start the report
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

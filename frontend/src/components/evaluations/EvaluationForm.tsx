import { Button, Group, NumberInput, Radio, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { EvaluationTask } from "../../api/evaluations";

export interface EvaluationChoices {
  readonly task: string;
  /** name@version. */
  readonly model: string;
  readonly settings: Readonly<Record<string, number>>;
}

interface Props {
  readonly tasks: readonly EvaluationTask[];
  /** The project's, name@version. */
  readonly model: string;
  /** All that are registered. */
  readonly models: readonly string[];
  readonly isStarting: boolean;
  readonly onStart: (choices: EvaluationChoices) => void;
}

/** What is asked, of which model, and within which limits. */
export function EvaluationForm({ tasks, model, models, isStarting, onStart }: Props) {
  const [name, setName] = useState(tasks[0]?.name ?? "");
  const [chosenModel, setModel] = useState(model);
  // Of all tasks by `task/setting`, so that looking at another one loses nothing.
  const [values, setValues] = useState<Readonly<Record<string, number>>>({});
  const task = tasks.find((one) => one.name === name);
  const settings = (task?.settings ?? []).map((setting) => ({
    ...setting,
    value: values[`${name}/${setting.name}`] ?? setting.default,
  }));
  const named = [...new Set([model, ...models])];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onStart({
          task: name,
          model: chosenModel,
          settings: Object.fromEntries(settings.map(({ name: key, value }) => [key, value])),
        });
      }}
    >
      <Stack>
        <Radio.Group label="What is asked" value={name} onChange={setName}>
          <Stack gap="xs" mt={6}>
            {tasks.map((one, place) => (
              <Radio
                key={one.name}
                value={one.name}
                label={one.title}
                description={one.about}
                data-autofocus={place === 0 || undefined}
                data-testid={`evaluation-task-${one.name}`}
              />
            ))}
          </Stack>
        </Radio.Group>
        <Select
          label="Model"
          allowDeselect={false}
          data={named.map((value) => ({
            value,
            label: value === model ? `${value} (this project’s)` : value,
          }))}
          value={chosenModel}
          onChange={(value) => value && setModel(value)}
          data-testid="evaluation-model"
        />
        <Group grow align="flex-start">
          {settings.map((setting) => (
            <NumberInput
              key={`${name}/${setting.name}`}
              label={setting.title}
              description={setting.about}
              min={setting.least}
              max={setting.most}
              allowDecimal={false}
              clampBehavior="strict"
              value={setting.value}
              onChange={(value) =>
                typeof value === "number" && setValues({ ...values, [`${name}/${setting.name}`]: value })
              }
              data-testid={`evaluation-${setting.name}`}
            />
          ))}
        </Group>
        <Text size="sm" c="dimmed">
          A worker looks at accepted images and compares with their masks. Nothing is changed. Pictures beyond
          2048 pixels are scaled down to that, for all models alike.
        </Text>
        <Group justify="flex-end">
          <Button type="submit" disabled={!task} loading={isStarting} data-testid="evaluation-start">
            Start the evaluation
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

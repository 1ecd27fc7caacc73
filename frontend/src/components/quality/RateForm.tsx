import { Button, Group, NumberInput, Switch, Text } from "@mantine/core";
import { useState } from "react";
import { counted } from "../common/formats";

interface Props {
  readonly rate: number;
  readonly truths: number;
  readonly isSaving: boolean;
  readonly onSave: (rate: number) => void;
}

const USUAL = 20;
const MOST = 1000;

/** How often annotators are given an image whose truth is known. */
export function RateForm({ rate, truths, isSaving, onSave }: Props) {
  const [isOn, setOn] = useState(rate > 0);
  const [wanted, setWanted] = useState(rate > 0 ? rate : USUAL);
  const next = isOn ? wanted : 0;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSave(next);
      }}
    >
      <Group align="flex-end" gap="md">
        <Switch
          label="Give them to annotators"
          checked={isOn}
          onChange={(event) => setOn(event.currentTarget.checked)}
          pb={8}
        />
        <NumberInput
          label="One in so many images"
          w={200}
          min={1}
          max={MOST}
          allowDecimal={false}
          disabled={!isOn}
          value={wanted}
          onChange={(value) => setWanted(Math.max(1, Number(value)))}
        />
        <Button
          type="submit"
          variant="default"
          loading={isSaving}
          disabled={next === rate}
          data-testid="rate-save"
        >
          Save
        </Button>
        <Text size="sm" c="dimmed" pb={8}>
          {isOn && truths === 0
            ? "There is no ground truth to give yet."
            : `${counted(truths, "ground truth")}, each given to every annotator at most once.`}
        </Text>
      </Group>
    </form>
  );
}

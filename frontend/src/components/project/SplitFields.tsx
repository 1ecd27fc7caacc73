import { Group, NumberInput, Select, Stack, Switch, Text } from "@mantine/core";
import { SPLITS, type SplitChoice, type SplitGroup } from "./exportChoices";

const GROUP_NAMES: readonly { readonly value: SplitGroup; readonly label: string }[] = [
  { value: "none", label: "Nothing, each picture for itself" },
  { value: "folder", label: "Pictures of one folder" },
  { value: "uploader", label: "Pictures one person uploaded" },
];

interface Props {
  readonly splits: SplitChoice;
  readonly onChange: (splits: SplitChoice) => void;
}

/** How pictures are dealt to train, val and test. */
export function SplitFields({ splits, onChange }: Props) {
  const sum = splits.train + splits.val + splits.test;
  return (
    <Stack gap="xs">
      <Switch
        label="Split into train, val and test"
        description="Each gets its share of the pictures and of every label's masks."
        checked={splits.isOn}
        onChange={(event) => onChange({ ...splits, isOn: event.currentTarget.checked })}
        data-testid="export-split"
      />
      {splits.isOn && (
        <>
          <Group grow align="flex-start">
            {SPLITS.map((name) => (
              <Parts
                key={name}
                label={name}
                value={splits[name]}
                note={sum > 0 ? `${Math.round((100 * splits[name]) / sum)} %` : ""}
                onChange={(parts) => onChange({ ...splits, [name]: parts })}
              />
            ))}
            <Parts
              label="Seed"
              value={splits.seed}
              note="the same deals alike"
              most={2 ** 31 - 1}
              onChange={(seed) => onChange({ ...splits, seed })}
            />
          </Group>
          <Select
            label="What stays together"
            allowDeselect={false}
            value={splits.group}
            onChange={(group) => group && onChange({ ...splits, group })}
            data={GROUP_NAMES}
          />
        </>
      )}
    </Stack>
  );
}

interface PartsProps {
  readonly label: string;
  readonly value: number;
  readonly note: string;
  readonly most?: number;
  readonly onChange: (value: number) => void;
}

function Parts({ label, value, note, most = 1000, onChange }: PartsProps) {
  return (
    <div>
      <NumberInput
        label={label}
        min={0}
        max={most}
        allowDecimal={false}
        hideControls
        value={value}
        onChange={(next) => onChange(typeof next === "number" ? next : 0)}
      />
      <Text size="xs" className="faint" mt={2}>
        {note}
      </Text>
    </div>
  );
}

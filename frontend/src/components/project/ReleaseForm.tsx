import {
  Button,
  Checkbox,
  Group,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { IconPackageExport } from "@tabler/icons-react";
import type { QualityCheck } from "../../api/types";
import { exactShare } from "../quality/checkTexts";
import { LEAST_SIDE, releaseProblem, SHORT_SIDE, type ReleaseChoices } from "./releaseChoices";
import { WORK_LOOKS, WORK_STATUSES } from "./workStatus";

interface Props {
  /** Those that are closed and found something. */
  readonly checks: readonly QualityCheck[];
  readonly choices: ReleaseChoices;
  readonly isStarting: boolean;
  readonly onChange: (choices: ReleaseChoices) => void;
  readonly onStart: () => void;
}

/** How a project is published: SA-1B's files, with a card that says what is in them. */
export function ReleaseForm({ checks, choices, isStarting, onChange, onStart }: Props) {
  const set = (some: Partial<ReleaseChoices>) => onChange({ ...choices, ...some });
  const problem = releaseProblem(choices);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (problem === "") onStart();
      }}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          Pictures and masks as SA-1B has them, and a data card that says what is in them and how good they
          are. Labels are not in it: export COCO for these.
        </Text>
        <TextInput
          label="Name"
          required
          maxLength={200}
          value={choices.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          data-testid="release-name"
        />
        <Textarea
          label="What it is for"
          description="On the card: why it was made, how the images were chosen"
          autosize
          minRows={2}
          maxRows={8}
          maxLength={10_000}
          value={choices.description}
          onChange={(event) => set({ description: event.currentTarget.value })}
        />
        <TextInput
          label="Licence"
          placeholder="CC BY 4.0"
          maxLength={500}
          value={choices.licence}
          onChange={(event) => set({ licence: event.currentTarget.value })}
        />
        <Select
          label="Quality check"
          description={checks.length === 0 ? "None is closed yet: the card will say so." : undefined}
          placeholder="None: the card will say so"
          clearable
          disabled={checks.length === 0}
          value={choices.check === null ? null : String(choices.check)}
          onChange={(value) => set({ check: value === null ? null : Number(value) })}
          data={checks.map(({ id, name, figures }) => ({
            value: String(id),
            label: figures ? `${name}: ${exactShare(figures.above_90.share)} over IoU 0.90` : name,
          }))}
          data-testid="release-check"
        />
        <MultiSelect
          label="Images"
          value={[...choices.statuses]}
          onChange={(statuses) => set({ statuses })}
          data={WORK_STATUSES.map((status) => ({ value: status, label: WORK_LOOKS[status].label }))}
        />
        <Group align="flex-end" gap="md">
          <Checkbox
            label="Scale down to a short side of"
            checked={choices.shortSide !== null}
            onChange={(event) => set({ shortSide: event.currentTarget.checked ? SHORT_SIDE : null })}
            mb={8}
          />
          <NumberInput
            aria-label="Short side in pixels"
            w={120}
            min={LEAST_SIDE}
            max={100_000}
            allowDecimal={false}
            suffix=" px"
            disabled={choices.shortSide === null}
            value={choices.shortSide ?? ""}
            onChange={(value) => set({ shortSide: Number(value) })}
          />
        </Group>
        <Group align="flex-end" gap="md">
          <Checkbox
            label="Number images anew, by a seed"
            checked={choices.hasSeed}
            onChange={(event) => set({ hasSeed: event.currentTarget.checked })}
            mb={8}
          />
          {choices.hasSeed && (
            <NumberInput
              aria-label="Seed"
              w={120}
              min={0}
              max={2 ** 31 - 1}
              allowDecimal={false}
              value={choices.seed}
              onChange={(value) => set({ seed: Number(value) })}
            />
          )}
        </Group>
        {problem && (
          <Text size="sm" c="var(--app-error)" role="alert">
            {problem}
          </Text>
        )}
        <Group justify="flex-end">
          <Button
            type="submit"
            leftSection={<IconPackageExport size={16} />}
            loading={isStarting}
            disabled={problem !== ""}
            data-testid="release-start"
          >
            Make the release
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

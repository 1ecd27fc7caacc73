import { Button, Checkbox, Group, NumberInput, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { NO_RULES, PAPERS_RULES, type StageRules } from "./stageRules";

interface Props {
  readonly rules: StageRules;
  readonly isSaving: boolean;
  readonly onSave: (rules: StageRules) => void;
}

const LONGEST = 3600;

/** By which rules people label: those of the data engine's first stage, each by itself or all at once. */
export function RulesForm({ rules, isSaving, onSave }: Props) {
  const [wanted, setWanted] = useState(rules);
  const change = (part: Partial<StageRules>) => setWanted((now) => ({ ...now, ...part }));
  const hasHint = wanted.mask_seconds_hint !== null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSave(wanted);
      }}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          The masks of SA-1B’s first stage were made so: nobody named what they saw, began with what stood out
          most, and left a mask that took longer than half a minute.
        </Text>
        <Group>
          <Button
            size="xs"
            variant="default"
            disabled={isSame(wanted, PAPERS_RULES)}
            onClick={() => setWanted(PAPERS_RULES)}
            data-testid="rules-papers"
          >
            Use the paper’s rules
          </Button>
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            disabled={isSame(wanted, NO_RULES)}
            onClick={() => setWanted(NO_RULES)}
          >
            All off
          </Button>
        </Group>
        <Checkbox
          label="No labels"
          description="The annotator asks for none, and masks are saved without. Labels that masks have already stay, and come back into sight when this is off."
          checked={wanted.is_class_free}
          onChange={(event) => change({ is_class_free: event.currentTarget.checked })}
          data-testid="rules-class-free"
        />
        <div>
          <Checkbox
            label="A hint at masks that take long"
            description="It offers to save the mask as it is or to give it up. Nothing happens by itself, and pauses do not count."
            checked={hasHint}
            onChange={(event) =>
              change({
                mask_seconds_hint: event.currentTarget.checked ? PAPERS_RULES.mask_seconds_hint : null,
              })
            }
            data-testid="rules-hint"
          />
          {hasHint && (
            <NumberInput
              mt="xs"
              ml={32}
              w={180}
              size="sm"
              aria-label="Seconds at one mask"
              suffix=" s"
              min={1}
              max={LONGEST}
              allowDecimal={false}
              clampBehavior="strict"
              value={wanted.mask_seconds_hint}
              onChange={(value) => typeof value === "number" && change({ mask_seconds_hint: value })}
              data-testid="rules-seconds"
            />
          )}
        </div>
        <Checkbox
          label="Prominent things first"
          description="The annotator says so over the image and in the guidelines."
          checked={wanted.order_hint === "prominence"}
          onChange={(event) => change({ order_hint: event.currentTarget.checked ? "prominence" : "none" })}
          data-testid="rules-order"
        />
        <Group justify="flex-end">
          <Button type="submit" loading={isSaving} disabled={isSame(wanted, rules)} data-testid="rules-save">
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function isSame(a: StageRules, b: StageRules): boolean {
  return (
    a.is_class_free === b.is_class_free &&
    a.mask_seconds_hint === b.mask_seconds_hint &&
    a.order_hint === b.order_hint
  );
}

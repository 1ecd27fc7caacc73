import { Button, Group, MultiSelect, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Membership, QualityCheckWrite } from "../../api/types";
import { counted } from "../common/formats";

interface Props {
  readonly members: readonly Membership[];
  /** On accepted images. */
  readonly checkableMasks: number;
  readonly isMaking: boolean;
  readonly onMake: (wanted: QualityCheckWrite) => void;
}

const MOST_MASKS = 10_000;
const FIRST_MASKS = 500;

/** A new release check: how many masks by chance, and who corrects them. */
export function CheckForm({ members, checkableMasks, isMaking, onMake }: Props) {
  const makers = members.filter(({ role }) => role !== "viewer");
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const most = Math.min(MOST_MASKS, checkableMasks);
  const [masks, setMasks] = useState(Math.min(FIRST_MASKS, most));
  const isWhole = name.trim() !== "" && chosen.length > 0 && masks >= 1 && masks <= most;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole) onMake({ name: name.trim(), checker_ids: chosen.map(Number), masks });
      }}
    >
      <Stack>
        <TextInput
          label="Name"
          placeholder="Before release 1"
          required
          data-autofocus
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <MultiSelect
          label="Checkers"
          description="They correct copies. Best somebody who did not make the masks."
          searchable
          data={makers.map(({ user_id, display_name }) => ({ value: String(user_id), label: display_name }))}
          value={[...chosen]}
          onChange={setChosen}
          data-testid="check-people"
        />
        <NumberInput
          label="Masks, by chance"
          description={`Accepted images have ${counted(checkableMasks, "mask")}`}
          min={1}
          max={Math.max(1, most)}
          allowDecimal={false}
          thousandSeparator=","
          value={masks}
          onChange={(value) => setMasks(Number(value))}
          error={checkableMasks === 0 ? "Accept images first: only what is accepted is checked." : null}
        />
        <Text size="sm" c="dimmed">
          Whole images are drawn until they hold so many. The originals stay as they are.
        </Text>
        <Group justify="flex-end">
          <Button type="submit" loading={isMaking} disabled={!isWhole} data-testid="check-begin">
            Begin the check
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

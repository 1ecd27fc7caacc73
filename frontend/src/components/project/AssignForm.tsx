import { Button, Group, MultiSelect, NumberInput, Radio, Stack, Switch, Text } from "@mantine/core";
import { useState } from "react";
import type { Assign, Membership, WorkFigures, WorkStatus } from "../../api/types";
import { counted } from "../common/formats";
import { roleLabel } from "./roles";

type Which = "chosen" | "unassigned" | "open";

/** What is not yet handed in; the rest stays whose it is. */
const OPEN: readonly WorkStatus[] = ["new", "embedding", "ready", "in_progress", "rejected"];

interface Props {
  readonly members: readonly Membership[];
  readonly figures: WorkFigures;
  readonly chosenIds: readonly number[];
  readonly isBusy: boolean;
  readonly onAssign: (wanted: Assign) => void;
}

/** Which images go to whom: those chosen in the grid, nobody's, or all that are open, dealt in turn or in blocks. */
export function AssignForm({ members, figures, chosenIds, isBusy, onAssign }: Props) {
  const [which, setWhich] = useState<Which>(chosenIds.length > 0 ? "chosen" : "unassigned");
  const [people, setPeople] = useState<string[]>([]);
  const [order, setOrder] = useState<"in_turn" | "in_blocks">("in_turn");
  const [limit, setLimit] = useState<number | "">("");
  const [isGivenBack, setGivenBack] = useState(false);
  const labelling = members.filter(({ role }) => role !== "viewer");
  const count = countOf(which, figures, chosenIds);
  const wanted = limit === "" ? count : Math.min(limit, count);
  const isComplete = wanted > 0 && (isGivenBack || people.length > 0);
  const assign = () =>
    onAssign({
      user_ids: isGivenBack ? [] : people.map(Number),
      order,
      ...(limit === "" ? {} : { limit }),
      ...(which === "chosen" ? { image_ids: [...chosenIds] } : { status: [...OPEN] }),
      ...(which === "unassigned" ? { assignee: null } : {}),
    });
  return (
    <Stack>
      <Radio.Group label="Images" value={which} onChange={(value) => setWhich(value)}>
        <Stack gap={6} mt={6}>
          <Radio
            value="chosen"
            disabled={chosenIds.length === 0}
            label={`The ${counted(chosenIds.length, "image")} chosen in the grid`}
          />
          <Radio
            value="unassigned"
            label={`Nobody's, not handed in (${countOf("unassigned", figures, chosenIds)})`}
          />
          <Radio value="open" label={`All that are not handed in (${countOf("open", figures, chosenIds)})`} />
        </Stack>
      </Radio.Group>
      <NumberInput
        label="Only so many"
        description="Those first that would be given out first; empty for all of them."
        min={1}
        allowDecimal={false}
        value={limit}
        onChange={(value) => setLimit(typeof value === "number" ? value : "")}
        data-testid="assign-limit"
      />
      <Switch
        label="Give them back to everybody"
        checked={isGivenBack}
        onChange={(event) => setGivenBack(event.currentTarget.checked)}
      />
      {!isGivenBack && (
        <MultiSelect
          label="To"
          placeholder={people.length === 0 ? "One or several people" : ""}
          searchable
          value={people}
          onChange={setPeople}
          data={labelling.map((member) => ({
            value: String(member.user_id),
            label: `${member.display_name} (${roleLabel(member.role)})`,
          }))}
          data-testid="assign-people"
        />
      )}
      {!isGivenBack && people.length > 1 && (
        <Radio.Group label="Dealt" value={order} onChange={(value) => setOrder(value)}>
          <Group mt={6}>
            <Radio value="in_turn" label="In turn" />
            <Radio value="in_blocks" label="In blocks" />
          </Group>
        </Radio.Group>
      )}
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {people.length > 1 && !isGivenBack
            ? `${counted(wanted, "image")}, about ${Math.ceil(wanted / people.length)} for each`
            : counted(wanted, "image")}
        </Text>
        <Button onClick={assign} disabled={!isComplete} loading={isBusy} data-testid="assign-submit">
          {isGivenBack ? "Give back" : "Assign"}
        </Button>
      </Group>
    </Stack>
  );
}

function countOf(which: Which, figures: WorkFigures, chosenIds: readonly number[]): number {
  if (which === "chosen") return chosenIds.length;
  const shares = figures.shares.filter(({ user }) => which === "open" || user === null);
  const counts = shares.flatMap((share) => OPEN.map((status) => share.counts[status] ?? 0));
  return counts.reduce((sum, count) => sum + count, 0);
}

import { ActionIcon, Button, Group, Kbd, Loader, Progress, Slider, Stack, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconEye, IconEyeOff } from "@tabler/icons-react";
import { memo } from "react";
import type { Proposal } from "../../state/proposals";
import type { Command } from "../../tools/commands";
import { counted } from "../common/formats";
import { tooltip } from "../common/tooltip";
import { CommandButton } from "./CommandButton";
import { useKeyText, useLabelWithKey } from "./KeymapContext";

interface Search {
  readonly done: number;
  readonly total: number;
  readonly isRunning: boolean;
}

interface Props {
  /** The search under a box, null where none goes on or waits for a word about what it found. */
  readonly search: Search | null;
  /** Those that are shown, the most confident first. */
  readonly open: readonly Proposal[];
  readonly currentId: string | null;
  readonly floor: number;
  readonly areShown: boolean;
  /** A mask is being made: keys and clicks are about that. */
  readonly isBusy: boolean;
  readonly onFloor: (floor: number) => void;
  readonly onAcceptAll: () => void;
  readonly onRejectAll: () => void;
  readonly onCancel: () => void;
  readonly onCommand: (command: Command) => void;
}

/** What to do with masks that models found by themselves: how many, how good, one by one or all at once. */
export const ProposalBar = memo(function ProposalBar(props: Props) {
  const { search, open, areShown, onCommand } = props;
  const isRunning = search?.isRunning ?? false;
  return (
    <div
      className="proposal-bar"
      role="region"
      aria-label="Proposals"
      data-testid="proposal-bar"
      data-running={isRunning}
      data-shown={areShown}
    >
      <Stack gap={8}>
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <Text size="sm" fw={600} aria-live="polite" data-testid="proposal-count" data-count={open.length}>
            {counted(open.length, "proposal")}
          </Text>
          <Text
            size="xs"
            className="faint"
            flex={1}
            ta="right"
            aria-live="polite"
            data-testid="proposal-current"
          >
            {isRunning && search ? <Searching {...search} /> : <Standing {...props} />}
          </Text>
          <CommandButton
            size="md"
            label={areShown ? "Hide the proposals" : "Show the proposals"}
            command={{ name: "toggleProposals" }}
            tooltipAt="top"
            testId="proposals-toggle"
            onCommand={onCommand}
          >
            {areShown ? <IconEye size={16} /> : <IconEyeOff size={16} />}
          </CommandButton>
        </Group>
        {isRunning && search && (
          <Progress value={(100 * search.done) / search.total} size="xs" aria-label="Places looked at" />
        )}
        {areShown && <Deciding {...props} />}
      </Stack>
    </div>
  );
});

function Searching({ done, total }: Search) {
  return (
    <>
      <Loader size={10} mr={6} />
      {done} of {total} places
    </>
  );
}

/** Where one is in the walk, or how it begins. */
function Standing({ open, currentId, isBusy, areShown }: Props) {
  const keyText = useKeyText();
  if (!areShown) return "Hidden";
  if (isBusy) return `${keyText({ name: "accept" }) || "“Save”"} saves the mask being made`;
  const at = open.findIndex(({ id }) => id === currentId);
  const current = open[at];
  if (!current) return "Click accepts one, right click rejects it";
  const { predictedIou } = current.candidate;
  return `${at + 1} of ${open.length}, predicted IoU ${predictedIou === null ? "unknown" : predictedIou.toFixed(2)}`;
}

function Deciding({ search, open, floor, currentId, isBusy, ...on }: Props) {
  const keyText = useKeyText();
  const label = useLabelWithKey();
  const none = open.length === 0;
  const step = (name: "previousProposal" | "nextProposal", text: string, Icon: typeof IconChevronLeft) => (
    <ActionIcon
      {...tooltip(label(text, { name }), "top")}
      variant="default"
      size={30}
      aria-label={label(text, { name })}
      disabled={none || isBusy}
      onClick={() => on.onCommand({ name })}
    >
      <Icon size={16} />
    </ActionIcon>
  );
  const decide = (name: "acceptProposal" | "fixProposal" | "rejectProposal", text: string) => (
    <Button
      {...tooltip(label(DESCRIBED[name], { name }), "top")}
      size="xs"
      px={8}
      flex={1}
      variant={name === "acceptProposal" && currentId ? "light" : "default"}
      disabled={none || isBusy}
      onClick={() => on.onCommand({ name })}
      data-testid={name}
    >
      {text}
      <Key text={keyText({ name })} />
    </Button>
  );
  return (
    <>
      <Group gap={6} wrap="nowrap">
        {step("previousProposal", "Previous proposal", IconChevronLeft)}
        {step("nextProposal", "Next proposal", IconChevronRight)}
        {decide("acceptProposal", "Accept")}
        {decide("fixProposal", "Fix")}
        {decide("rejectProposal", "Reject")}
      </Group>
      <Group gap={8} wrap="nowrap">
        <Text size="xs" className="faint" style={{ whiteSpace: "nowrap" }}>
          IoU from {floor.toFixed(2)}
        </Text>
        <Slider
          style={{ flex: 1 }}
          size="sm"
          min={0}
          max={1}
          step={0.01}
          value={floor}
          label={null}
          thumbLabel="Least predicted IoU of the proposals shown"
          onChange={on.onFloor}
          data-testid="proposal-floor"
        />
        {search ? (
          <Button size="xs" variant="default" onClick={on.onCancel} data-testid="proposals-cancel">
            {search.isRunning ? "Stop" : "Dismiss"}
            <Key text={keyText({ name: "cancel" })} />
          </Button>
        ) : (
          <Button
            {...tooltip("Those shown; one step to undo", "top")}
            size="xs"
            variant="default"
            disabled={none || isBusy}
            onClick={on.onRejectAll}
            data-testid="proposals-reject"
          >
            Reject all
          </Button>
        )}
        <Button
          {...tooltip("Those shown; one step to undo", "top")}
          size="xs"
          disabled={none || isBusy}
          onClick={on.onAcceptAll}
          data-testid="proposals-accept"
        >
          Accept all
          {search && <Key text={keyText({ name: "accept" })} />}
        </Button>
      </Group>
    </>
  );
}

const DESCRIBED = {
  acceptProposal: "Accept the proposal and go on",
  fixProposal: "Put the proposal right before it is accepted",
  rejectProposal: "Reject the proposal and go on",
} as const;

function Key({ text }: { readonly text: string }) {
  if (text === "") return null;
  return (
    <Kbd size="xs" ml={6}>
      {text}
    </Kbd>
  );
}

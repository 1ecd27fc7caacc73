import { Button, Group, Kbd, Loader, Progress, Slider, Stack, Text } from "@mantine/core";

interface Props {
  readonly done: number;
  readonly total: number;
  readonly isRunning: boolean;
  readonly count: number;
  readonly floor: number;
  readonly onFloor: (floor: number) => void;
  readonly onAcceptAll: () => void;
  readonly onCancel: () => void;
}

/** What to do with the masks that were found under a box: how many, how good, accept or leave. */
export function ProposalBar({ done, total, isRunning, count, floor, ...on }: Props) {
  return (
    <div
      className="proposal-bar"
      role="region"
      aria-label="Proposals"
      data-testid="proposal-bar"
      data-running={isRunning}
    >
      <Stack gap={8}>
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm" fw={600} aria-live="polite" data-testid="proposal-count" data-count={count}>
            {count === 1 ? "1 proposal" : `${count} proposals`}
          </Text>
          {isRunning ? (
            <Group gap={6} wrap="nowrap">
              <Loader size={12} />
              <Text size="xs" c="dimmed">
                {done} of {total} places
              </Text>
            </Group>
          ) : (
            <Text size="xs" c="dimmed">
              Click accepts one, right click drops it
            </Text>
          )}
        </Group>
        {isRunning && <Progress value={(100 * done) / total} size="xs" aria-label="Places looked at" />}
        <Group gap="sm" wrap="nowrap">
          <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
            Predicted IoU from {floor.toFixed(2)}
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
        </Group>
        <Group grow gap="xs">
          <Button size="xs" variant="default" onClick={on.onCancel} data-testid="proposals-cancel">
            {isRunning ? "Stop" : "Dismiss"}&nbsp;<Kbd size="xs">Esc</Kbd>
          </Button>
          <Button size="xs" disabled={count === 0} onClick={on.onAcceptAll} data-testid="proposals-accept">
            Accept all&nbsp;<Kbd size="xs">Enter</Kbd>
          </Button>
        </Group>
      </Stack>
    </div>
  );
}

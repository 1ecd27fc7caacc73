import { ActionIcon, Box, Button, Group, Kbd, Stack, Text, Tooltip } from "@mantine/core";
import { IconEye, IconEyeOff } from "@tabler/icons-react";

interface OptionProps {
  readonly name: string;
  readonly detail: string;
  readonly shortcut: string | null;
  readonly color?: string;
  readonly isChosen: boolean;
  readonly isPossible: boolean;
  readonly onChoose: () => void;
  readonly eye?: React.ReactNode;
}

/** One way to resolve an image, with its key. */
export function Option({ name, detail, shortcut, color, isChosen, isPossible, onChoose, eye }: OptionProps) {
  return (
    <Group gap={6} wrap="nowrap">
      <Button
        role="radio"
        aria-checked={isChosen}
        variant={isChosen ? "light" : "default"}
        disabled={!isPossible}
        onClick={onChoose}
        fullWidth
        justify="space-between"
        h={46}
        leftSection={
          <Group gap="sm" wrap="nowrap">
            <Box
              w={14}
              h={14}
              style={{
                borderRadius: 4,
                background: color ?? "white",
                border: color ? undefined : "1px solid var(--mantine-color-dimmed)",
              }}
            />
            <Stack gap={0} align="flex-start">
              <Text size="sm" fw={600} c="var(--mantine-color-text)">
                {name}
              </Text>
              <Text size="xs" c="dimmed">
                {detail}
              </Text>
            </Stack>
          </Group>
        }
        rightSection={shortcut && isPossible && <Kbd size="xs">{shortcut}</Kbd>}
      />
      {eye ?? <Box w={28} style={{ flex: "none" }} />}
    </Group>
  );
}

/** Shows or hides what somebody drew. */
export function Eye(props: {
  readonly name: string;
  readonly isHidden: boolean;
  readonly onToggle: () => void;
}) {
  const told = `${props.isHidden ? "Show" : "Hide"} the outlines of ${props.name}`;
  return (
    <Tooltip label={told}>
      <ActionIcon variant="subtle" color="gray" aria-label={told} onClick={props.onToggle}>
        {props.isHidden ? <IconEyeOff size={16} /> : <IconEye size={16} />}
      </ActionIcon>
    </Tooltip>
  );
}

import { Button, CloseButton, Group, Kbd, Text } from "@mantine/core";
import type { Command } from "../../tools/commands";
import { useKeyText } from "./KeymapContext";

interface Props {
  readonly seconds: number;
  readonly onSave: () => void;
  readonly onCommand: (command: Command) => void;
  readonly onDismiss: () => void;
}

/** Says that a mask has taken long. Nothing happens by itself. */
export function MaskTimeHint({ seconds, onSave, onCommand, onDismiss }: Props) {
  const keyText = useKeyText();
  const key = (command: Command) => {
    const text = keyText(command);
    return text === "" ? null : <Kbd size="xs">{text}</Kbd>;
  };
  return (
    <div className="stage-strip" role="status" data-testid="mask-time-hint">
      <Text size="sm">{seconds} s at this mask: it may stay as it is.</Text>
      <Group gap={6} wrap="nowrap">
        <Button
          size="compact-xs"
          variant="default"
          rightSection={key({ name: "accept" })}
          onClick={onSave}
          data-testid="mask-time-save"
        >
          Save
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          rightSection={key({ name: "cancel" })}
          onClick={() => onCommand({ name: "cancel" })}
          data-testid="mask-time-give-up"
        >
          Give up
        </Button>
        <CloseButton size="sm" aria-label="Go on with this mask" onClick={onDismiss} />
      </Group>
    </div>
  );
}

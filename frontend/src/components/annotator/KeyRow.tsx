import { ActionIcon, Button, Group, Kbd, Table, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { IconPlus, IconRotate2 } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { commandId, BINDINGS, type Binding } from "../../tools/commands";
import { comboOf, comboText, isReserved, keysOf, type KeyChanges, type Keymap } from "../../tools/keymap";

interface Props {
  readonly binding: Binding;
  readonly keymap: Keymap;
  readonly changes: KeyChanges;
  readonly onKeys: (keys: readonly string[]) => void;
  readonly onReset: () => void;
}

/** What a row is doing: nothing, waiting for a key that replaces `replaced` (or is added), or asking about one. */
type Recording =
  | { readonly kind: "off" }
  | { readonly kind: "waiting"; readonly replaced: string | null; readonly problem: string | null }
  | {
      readonly kind: "taken";
      readonly replaced: string | null;
      readonly combo: string;
      readonly by: Binding;
    };

/** One command with its keys; pressing on a key records another in its place. */
export function KeyRow({ binding, keymap, changes, onKeys, onReset }: Props) {
  const [recording, setRecording] = useState<Recording>({ kind: "off" });
  const keys = keysOf(keymap, binding.command);
  const id = commandId(binding.command);
  const record = (replaced: string | null) => setRecording({ kind: "waiting", replaced, problem: null });
  const give = (combo: string, replaced: string | null) => {
    setRecording({ kind: "off" });
    const kept = keys.filter((key) => key !== combo);
    onKeys(
      replaced === null || !kept.includes(replaced)
        ? [...kept, combo]
        : kept.map((key) => (key === replaced ? combo : key)),
    );
  };
  const onRecorded = (combo: string, replaced: string | null) => {
    if (isReserved(combo)) {
      const problem = `${comboText(combo)} moves the image and presses buttons.`;
      setRecording({ kind: "waiting", replaced, problem });
      return;
    }
    const owner = keymap.commands.get(combo);
    const by = owner && commandId(owner) !== id ? bindingOf(commandId(owner)) : undefined;
    if (by) setRecording({ kind: "taken", replaced, combo, by });
    else give(combo, replaced);
  };
  return (
    <Table.Tr data-testid="key-row" data-command={id} data-changed={changes[id] !== undefined}>
      <Table.Td w="36%">
        <Group gap={4}>
          {keys.map((combo) => (
            <UnstyledButton
              key={combo}
              aria-label={`Change the key ${comboText(combo)} of: ${binding.description}`}
              onClick={() => record(combo)}
              data-testid="key"
            >
              <Kbd size="xs">{comboText(combo)}</Kbd>
            </UnstyledButton>
          ))}
          {keys.length === 0 && (
            <Text size="xs" className="faint">
              no key
            </Text>
          )}
          <ActionIcon
            size="xs"
            variant="subtle"
            color="gray"
            className="key-action"
            aria-label={`Add a key for: ${binding.description}`}
            onClick={() => record(null)}
            data-testid="key-add"
          >
            <IconPlus size={12} />
          </ActionIcon>
          {changes[id] !== undefined && (
            <Tooltip label={`Back to ${binding.keys.map(comboText).join(", ")}`}>
              <ActionIcon
                size="xs"
                variant="subtle"
                color="gray"
                aria-label={`Reset the keys of: ${binding.description}`}
                onClick={onReset}
                data-testid="key-reset"
              >
                <IconRotate2 size={12} />
              </ActionIcon>
            </Tooltip>
          )}
        </Group>
      </Table.Td>
      <Table.Td>
        {recording.kind === "off" && binding.description}
        {recording.kind === "waiting" && (
          <Waiting
            problem={recording.problem}
            onKey={(combo) => onRecorded(combo, recording.replaced)}
            onEnd={() => setRecording({ kind: "off" })}
          />
        )}
        {recording.kind === "taken" && (
          <Group gap={6} role="alert" data-testid="key-conflict">
            <Text size="xs">
              <Kbd size="xs">{comboText(recording.combo)}</Kbd> is for “{recording.by.description}”.
            </Text>
            <Button
              size="compact-xs"
              autoFocus
              onClick={() => give(recording.combo, recording.replaced)}
              data-testid="key-take"
            >
              Use it here
            </Button>
            <Button size="compact-xs" variant="default" onClick={() => setRecording({ kind: "off" })}>
              Leave it
            </Button>
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Waiting({
  problem,
  onKey,
  onEnd,
}: {
  readonly problem: string | null;
  readonly onKey: (combo: string) => void;
  readonly onEnd: () => void;
}) {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      // Before anybody else: Escape would close the dialogue, Tab would leave it.
      event.preventDefault();
      event.stopPropagation();
      const combo = comboOf(event);
      if (combo === "Escape") onEnd();
      else if (combo !== null) onKey(combo);
    };
    window.addEventListener("keydown", onKeyDown, true);
    window.addEventListener("pointerdown", onEnd, true);
    return () => {
      window.removeEventListener("keydown", onKeyDown, true);
      window.removeEventListener("pointerdown", onEnd, true);
    };
  }, [onKey, onEnd]);
  return (
    <Text size="xs" role="status" fw={600} data-testid="key-waiting">
      {problem} Press a key; Esc leaves it as it is.
    </Text>
  );
}

function bindingOf(id: string): Binding | undefined {
  return BINDINGS.find(({ command }) => commandId(command) === id);
}

import { Button, Group, Modal, SimpleGrid, Table, Text } from "@mantine/core";
import { memo } from "react";
import { BINDINGS, GESTURES, type CommandGroup } from "../../tools/commands";
import { withKeys, withoutChange, keymapWith, keysOf, type KeyChanges } from "../../tools/keymap";
import { KeyRow } from "./KeyRow";

interface Props {
  readonly isOpen: boolean;
  readonly changes: KeyChanges;
  readonly onChange: (changes: KeyChanges) => void;
  readonly onClose: () => void;
}

const COLUMNS: readonly (readonly CommandGroup[])[] = [
  ["Masks", "Proposals", "Tools", "Labels"],
  ["Clean up", "Objects", "Image", "View"],
];

/** All keys and gestures of the annotator, from the table that handles them; every key can be another. */
export const KeyboardMap = memo(function KeyboardMap({ isOpen, onClose, ...rest }: Props) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Keys and gestures" size={980}>
      <Keys {...rest} />
    </Modal>
  );
});

function Keys({ changes, onChange }: Pick<Props, "changes" | "onChange">) {
  const keymap = keymapWith(changes);
  const isChanged = Object.keys(changes).length > 0;
  return (
    <div data-testid="keyboard-map">
      <Group justify="space-between" mb="sm" wrap="nowrap">
        <Text size="sm" className="faint">
          Press on a key to choose another. Yours are kept in this browser.
          {keymap.commands.get("Tab")?.name === "nextCandidate" &&
            " Tab walks through candidates and proposals, and leads on through the page after the last one; Escape leaves the proposals."}
        </Text>
        <Button
          size="xs"
          variant="default"
          disabled={!isChanged}
          onClick={() => onChange({})}
          data-testid="keys-reset"
        >
          Reset all
        </Button>
      </Group>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl" verticalSpacing="xs">
        {COLUMNS.map((groups) => (
          <div key={groups.join()}>
            {groups.map((group) => (
              <Section key={group} title={group}>
                {BINDINGS.filter((binding) => binding.group === group).map((binding) => (
                  <KeyRow
                    key={binding.description}
                    binding={binding}
                    keymap={keymap}
                    changes={changes}
                    onKeys={(keys) => onChange(withKeys(changes, binding.command, keys))}
                    onReset={() => onChange(withoutChange(changes, binding.command))}
                  />
                ))}
              </Section>
            ))}
            {groups.includes("Labels") && <Gestures />}
          </div>
        ))}
      </SimpleGrid>
      {BINDINGS.some(({ command }) => keysOf(keymap, command).length === 0) && (
        <Text size="xs" className="faint" mt="sm">
          Most commands marked “no key” still have a button or a menu.
        </Text>
      )}
    </div>
  );
}

function Gestures() {
  return (
    <Section title="Pointer">
      {GESTURES.map(({ gesture, description }) => (
        <Table.Tr key={gesture}>
          <Table.Td fw={500}>{gesture}</Table.Td>
          <Table.Td>{description}</Table.Td>
        </Table.Tr>
      ))}
    </Section>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <section>
      <Text component="h3" fw={600} size="sm" mt="xs">
        {title}
      </Text>
      <Table fz="sm" verticalSpacing={3} layout="fixed" aria-label={title}>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </section>
  );
}

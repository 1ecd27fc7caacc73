import { Button, ColorInput, Group, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState, type SyntheticEvent } from "react";
import { PALETTE } from "../../canvas/palette";

const LONGEST_NAME = 100;

interface FieldsProps {
  readonly name: string;
  readonly color: string;
  readonly onChange: (change: { name?: string; color?: string }) => void;
}

/** Colour and name of one thing of a list: changed when left, and as it was when emptied. */
export function NamedColorFields({ name: stored, color, onChange }: FieldsProps) {
  const [name, setName] = useState(stored);
  const rename = () => {
    const trimmed = name.trim();
    if (trimmed && trimmed !== stored) onChange({ name: trimmed });
    else setName(stored);
  };
  return (
    <>
      <ColorInput
        w={124}
        withEyeDropper={false}
        value={color}
        onChangeEnd={(chosen) => onChange({ color: chosen })}
        format="hex"
        swatches={[...PALETTE]}
        swatchesPerRow={6}
        aria-label={`Colour of ${stored}`}
      />
      <TextInput
        style={{ flex: 1 }}
        value={name}
        maxLength={LONGEST_NAME}
        aria-label={`Name of ${stored}`}
        onChange={(event) => setName(event.currentTarget.value)}
        onBlur={rename}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
        }}
      />
    </>
  );
}

interface NewNameProps {
  /** What gets the name: "label", "tag". */
  readonly kind: string;
  readonly onCreate: (name: string) => void;
}

/** The line below such a list that adds to it. */
export function NewNameForm({ kind, onCreate }: NewNameProps) {
  const [name, setName] = useState("");
  const create = (event: SyntheticEvent) => {
    event.preventDefault();
    if (name.trim() === "") return;
    onCreate(name.trim());
    setName("");
  };
  return (
    <form onSubmit={create}>
      <Group gap="xs" wrap="nowrap">
        <TextInput
          style={{ flex: 1 }}
          placeholder={`New ${kind}`}
          aria-label={`Name of the new ${kind}`}
          maxLength={LONGEST_NAME}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-testid={`${kind}-new-name`}
        />
        <Button
          type="submit"
          variant="light"
          leftSection={<IconPlus size={16} />}
          disabled={name.trim() === ""}
        >
          Add
        </Button>
      </Group>
    </form>
  );
}

import { Kbd, Text, UnstyledButton } from "@mantine/core";
import { memo } from "react";
import type { Label } from "../../api/types";
import type { Command } from "../../tools/commands";
import { onRadioKey, radioTabIndex } from "../common/radios";
import { useKeyText } from "./KeymapContext";

interface Props {
  readonly labels: readonly Label[];
  /** Null when masks are labelled later. */
  readonly labelId: number | null;
  readonly onChoose: (labelId: number | null) => void;
}

/** The label new masks get, or none yet; the first labels have a key. */
export const LabelPicker = memo(function LabelPicker({ labels, labelId, onChoose }: Props) {
  const choices = [...labels.map(({ id }) => id), null];
  const chosen = choices.indexOf(labelId);
  return (
    <div
      role="radiogroup"
      aria-label="Label of new masks"
      onKeyDown={(event) => onRadioKey(event, chosen, (index) => onChoose(choices[index] ?? null))}
    >
      {labels.map((label, index) => (
        <Choice
          key={label.id}
          name={label.name}
          color={label.color}
          command={{ name: "label", index }}
          isChosen={label.id === labelId}
          tabIndex={radioTabIndex(index, chosen)}
          onChoose={() => onChoose(label.id)}
        />
      ))}
      <Choice
        name="No label, label later"
        color="transparent"
        command={{ name: "noLabel" }}
        isChosen={labelId === null}
        tabIndex={radioTabIndex(labels.length, chosen)}
        onChoose={() => onChoose(null)}
      />
    </div>
  );
});

function Choice({
  name,
  color,
  command,
  isChosen,
  tabIndex,
  onChoose,
}: {
  readonly name: string;
  readonly color: string;
  readonly command: Command;
  readonly isChosen: boolean;
  readonly tabIndex: number;
  readonly onChoose: () => void;
}) {
  const key = useKeyText()(command);
  return (
    <UnstyledButton
      className="row"
      role="radio"
      aria-checked={isChosen}
      tabIndex={tabIndex}
      data-active={isChosen}
      data-testid={command.name === "noLabel" ? "label-none" : "label-item"}
      onClick={onChoose}
    >
      <span className="swatch" style={{ background: color }} />
      <Text size="sm" truncate style={{ flex: 1 }}>
        {name}
      </Text>
      {key !== "" && <Kbd size="xs">{key}</Kbd>}
    </UnstyledButton>
  );
}

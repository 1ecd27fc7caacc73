import { Kbd, Text, UnstyledButton } from "@mantine/core";
import type { Label } from "../../api/types";

interface Props {
  readonly labels: readonly Label[];
  readonly labelId: number | null;
  readonly onChoose: (labelId: number) => void;
}

/** The label new masks get; the first nine have a number key. */
export function LabelPicker({ labels, labelId, onChoose }: Props) {
  return (
    <div role="radiogroup" aria-label="Label of new masks">
      {labels.map((label, index) => (
        <UnstyledButton
          key={label.id}
          className="row"
          role="radio"
          aria-checked={label.id === labelId}
          data-active={label.id === labelId}
          data-testid="label-item"
          onClick={() => onChoose(label.id)}
        >
          <span className="swatch" style={{ background: label.color }} />
          <Text size="sm" truncate style={{ flex: 1 }}>
            {label.name}
          </Text>
          {index < 9 && <Kbd size="xs">{index + 1}</Kbd>}
        </UnstyledButton>
      ))}
    </div>
  );
}

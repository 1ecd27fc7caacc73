import { Checkbox, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import type { LabelAttribute } from "../../../api/types";
import type { AttributeValue, SavedMask } from "../../../state/annotation";
import { sharedValue } from "../../../state/attributes";

interface Props {
  /** The selected masks, all of one label. */
  readonly masks: readonly SavedMask[];
  readonly attributes: readonly LabelAttribute[];
  readonly onDescribe: (attributeId: number, value: AttributeValue) => void;
}

const DIFFERENT = "different values";

/** What is said of the selected masks; saying it says it of all of them. */
export function AttributePanel({ masks, attributes, onDescribe }: Props) {
  const ids = masks.map(({ id }) => id).join(" ");
  return (
    <Stack gap={6} px={8} py={8} data-testid="attributes">
      {attributes.map((attribute) => {
        const value = sharedValue(masks, attribute);
        return (
          <AttributeField
            // A field in which something is being typed belongs to these masks and this value.
            key={`${attribute.id} ${ids} ${JSON.stringify(value)}`}
            attribute={attribute}
            value={value}
            onSay={(said) => onDescribe(attribute.id, said)}
          />
        );
      })}
    </Stack>
  );
}

interface FieldProps {
  readonly attribute: LabelAttribute;
  /** Undefined where the masks differ. */
  readonly value: AttributeValue | undefined;
  readonly onSay: (value: AttributeValue) => void;
}

function AttributeField({ attribute, value, onSay }: FieldProps) {
  const isMixed = value === undefined;
  const common = {
    size: "xs",
    label: attribute.name,
    "data-testid": "attribute",
    "data-name": attribute.name,
  } as const;
  switch (attribute.kind) {
    case "checkbox":
      return (
        <Checkbox
          {...common}
          checked={value === true}
          indeterminate={isMixed}
          onChange={(event) => onSay(event.currentTarget.checked)}
        />
      );
    case "select":
      return (
        <Select
          {...common}
          data={attribute.choices}
          value={typeof value === "string" ? value : null}
          placeholder={isMixed ? DIFFERENT : "not said"}
          clearable
          onChange={onSay}
        />
      );
    case "number":
    case "text":
      return <TypedField attribute={attribute} value={value} onSay={onSay} common={common} />;
  }
}

/** Typing says nothing yet; leaving the field or Enter does: one step to undo, one save. */
function TypedField({
  attribute,
  value,
  onSay,
  common,
}: FieldProps & { readonly common: { readonly label: string } }) {
  const [typed, setTyped] = useState<string | number>(typeof value === "boolean" ? "" : (value ?? ""));
  const isNumber = attribute.kind === "number";
  const placeholder = value === undefined ? DIFFERENT : "not said";
  const say = () => {
    const said = typed === "" ? (isNumber || value === null ? null : "") : typed;
    if (said === value || (value === undefined && typed === "")) return;
    if (!isNumber || said === null || typeof said === "number") onSay(said);
  };
  const handlers = {
    onBlur: say,
    onKeyDown: (event: { key: string; currentTarget: HTMLElement }) => {
      if (event.key === "Enter") event.currentTarget.blur();
    },
  };
  return isNumber ? (
    <NumberInput {...common} {...handlers} placeholder={placeholder} value={typed} onChange={setTyped} />
  ) : (
    <TextInput
      {...common}
      {...handlers}
      placeholder={placeholder}
      maxLength={1000}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  );
}

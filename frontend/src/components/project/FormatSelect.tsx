import { Select, Stack, Text, type ComboboxItem } from "@mantine/core";
import type { Format } from "../../api/types";
import { fieldNames } from "./losses";

interface Props {
  readonly formats: readonly Format[];
  readonly value: string;
  readonly onChange: (name: string) => void;
}

/** A format out of a list that is searched by its name and by what it says of itself. */
export function FormatSelect({ formats, value, onChange }: Props) {
  const byName = new Map(formats.map((format) => [format.name, format]));
  const chosen = byName.get(value);
  return (
    <Stack gap={4}>
      <Select
        label="Format"
        searchable
        allowDeselect={false}
        maxDropdownHeight={380}
        value={value}
        onChange={(name) => name && onChange(name)}
        data={formats.map(({ name, title }) => ({ value: name, label: title }))}
        filter={({ options, search }) =>
          options.filter((option) => "value" in option && isMeant(option, byName.get(option.value), search))
        }
        renderOption={({ option }) => (
          <div>
            <Text size="sm" fw={option.value === value ? 600 : 400}>
              {option.label}
            </Text>
            <About format={byName.get(option.value)} />
          </div>
        )}
        nothingFoundMessage="No format of that name"
        data-testid="export-format"
      />
      <About format={chosen} />
    </Stack>
  );
}

function About({ format }: { readonly format: Format | undefined }) {
  if (!format) return null;
  const missing = format.fields_without_a_place;
  return (
    <Text size="xs" className="faint">
      {format.holds} {missing.length > 0 && `No place for: ${fieldNames(missing)}.`}
    </Text>
  );
}

function isMeant(option: ComboboxItem, format: Format | undefined, search: string): boolean {
  const text = `${option.label} ${option.value} ${format?.holds ?? ""}`.toLowerCase();
  return text.includes(search.trim().toLowerCase());
}

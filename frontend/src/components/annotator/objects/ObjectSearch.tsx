import { ActionIcon, CloseButton, Group, Menu, TextInput, Tooltip } from "@mantine/core";
import { IconArrowsSort, IconCheck, IconFilter, IconSearch } from "@tabler/icons-react";
import type { Label } from "../../../api/types";
import { NO_LABEL, SORTINGS, withTerm, type Sorting } from "../../../state/objectList";
import { useIsClassFree } from "../ClassFreeContext";
import { useLabelWithKey } from "../KeymapContext";

interface Props {
  /** Told the field, so that a key can lead to it. */
  readonly onBox: (box: HTMLInputElement | null) => void;
  readonly search: string;
  readonly sorting: Sorting;
  readonly labels: readonly Label[];
  readonly authors: readonly string[];
  readonly onSearch: (search: string) => void;
  readonly onSort: (sorting: Sorting) => void;
}

/** Finds masks by what they are and who made them, and puts them in order. */
export function ObjectSearch({ search, sorting, labels, authors, onSearch, onSort, onBox }: Props) {
  const label = useLabelWithKey()("Search the saved masks", { name: "searchObjects" });
  const isClassFree = useIsClassFree();
  const filter = isClassFree ? "Filter by author" : "Filter by label or author";
  const sortings = SORTINGS.filter((item) => !isClassFree || item.sorting !== "label");
  return (
    <Group gap={4} wrap="nowrap" px={8} pb={6}>
      <TextInput
        ref={onBox}
        size="xs"
        style={{ flex: 1 }}
        placeholder={label}
        aria-label={label}
        value={search}
        leftSection={<IconSearch size={14} />}
        rightSection={
          search !== "" && (
            <CloseButton size="xs" tabIndex={-1} aria-label="Clear the search" onClick={() => onSearch("")} />
          )
        }
        onChange={(event) => onSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (search === "") event.currentTarget.blur();
          else onSearch("");
        }}
        data-testid="object-search"
      />
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <Tooltip label={filter}>
            <ActionIcon variant="subtle" color="gray" aria-label={filter}>
              <IconFilter size={15} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown mah={360} style={{ overflowY: "auto" }}>
          {!isClassFree && (
            <>
              <Menu.Label>Label</Menu.Label>
              {labels.map((item) => (
                <Menu.Item
                  key={item.id}
                  leftSection={
                    <span className="swatch" style={{ background: item.color, display: "block" }} />
                  }
                  onClick={() => onSearch(withTerm(search, "label", item.name))}
                >
                  {item.name}
                </Menu.Item>
              ))}
              <Menu.Item onClick={() => onSearch(withTerm(search, "label", NO_LABEL))}>No label</Menu.Item>
            </>
          )}
          {authors.length > 0 && <Menu.Label>Author</Menu.Label>}
          {authors.map((author) => (
            <Menu.Item key={author} onClick={() => onSearch(withTerm(search, "author", author))}>
              {author}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <Tooltip label="Order of the list">
            <ActionIcon variant="subtle" color="gray" aria-label="Order of the list">
              <IconArrowsSort size={15} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          {sortings.map((item) => (
            <Menu.Item
              key={item.sorting}
              onClick={() => onSort(item.sorting)}
              rightSection={item.sorting === sorting ? <IconCheck size={14} /> : null}
            >
              {item.title}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

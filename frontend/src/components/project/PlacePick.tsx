import { Anchor, Breadcrumbs, Button, Group, NavLink, ScrollArea, Stack, Text } from "@mantine/core";
import { IconFileImport, IconFolder } from "@tabler/icons-react";
import type { Place } from "../../api/types";
import { counted, fileSize } from "../common/formats";

interface Props {
  readonly place: Place;
  readonly isBusy: boolean;
  readonly onOpen: (path: string) => void;
  readonly onPick: (path: string) => void;
}

/** A folder of the server or of a bucket: what lies in it, and the choice of it. */
export function PlacePick({ place, isBusy, onOpen, onPick }: Props) {
  const parts = place.path === "" ? [] : place.path.split("/");
  return (
    <Stack gap="xs" data-testid="place-pick">
      <Breadcrumbs>
        <Anchor component="button" type="button" size="sm" onClick={() => onOpen("")}>
          All places
        </Anchor>
        {parts.map((part, index) => (
          <Anchor
            key={index}
            component="button"
            type="button"
            size="sm"
            onClick={() => onOpen(parts.slice(0, index + 1).join("/"))}
          >
            {part}
          </Anchor>
        ))}
      </Breadcrumbs>
      <ScrollArea.Autosize mah={260}>
        {place.folders.map((name) => (
          <NavLink
            key={name}
            component="button"
            type="button"
            label={name}
            leftSection={<IconFolder size={16} />}
            onClick={() => onOpen([...parts, name].join("/"))}
          />
        ))}
        {place.folders.length === 0 && (
          <Text size="sm" c="dimmed">
            {place.path === "" ? "Nothing is open to import from." : "No folders in this one."}
          </Text>
        )}
      </ScrollArea.Autosize>
      {place.path !== "" && (
        <Group justify="space-between">
          <Text size="sm" className="faint">
            {place.is_cut ? "At least " : ""}
            {counted(place.file_count, "file")}, {fileSize(place.byte_size)}, and what is in its folders
          </Text>
          <Button
            leftSection={<IconFileImport size={16} />}
            loading={isBusy}
            onClick={() => onPick(place.path)}
            data-testid="place-choose"
          >
            Look at this folder
          </Button>
        </Group>
      )}
    </Stack>
  );
}

import { Badge, Box, Checkbox, Group, Stack, Text } from "@mantine/core";
import type { ConsensusGroup, ConsensusImageDetail, Label } from "../../api/types";
import { percentage } from "../common/formats";
import { drawerColor, groupsByMask, type Choice } from "./resolution";

interface Props {
  readonly image: ConsensusImageDetail;
  readonly labels: readonly Label[];
  /** Null where nothing is to be chosen: objects are shown all the same. */
  readonly choice: Choice | null;
  readonly onToggle: (object: string) => void;
  /** Which object the pointer or the focus is on, by its key or a mask's id. */
  readonly onPoint: (object: string | null) => void;
}

interface Row {
  readonly object: string;
  readonly label: number | null;
  readonly group: ConsensusGroup | undefined;
  readonly isPossible: boolean;
}

/** The objects of an image: of the picked person, else all, with who drew each and how they agree. */
export function ObjectRows({ image, labels, choice, onToggle, onPoint }: Props) {
  const rows = rowsOf(image, choice);
  const names = new Map(labels.map(({ id, name }) => [id, name]));
  const placeOf = new Map(
    image.drawers.flatMap(({ masks }, place) => masks.map(({ id }) => [id, place] as const)),
  );
  if (rows.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No objects.
      </Text>
    );
  }
  return (
    <Stack gap={2} onMouseLeave={() => onPoint(null)}>
      {rows.map(({ object, label, group, isPossible }) => {
        const name = label === null ? "No label" : (names.get(label) ?? "A deleted label");
        return (
          <Group
            key={object}
            justify="space-between"
            wrap="nowrap"
            py={4}
            data-testid="object-row"
            onMouseEnter={() => onPoint(object)}
            onFocus={() => onPoint(object)}
            onBlur={() => onPoint(null)}
          >
            <Checkbox
              size="xs"
              label={isPossible ? name : `${name}, no pixel in common`}
              checked={choice?.objects.has(object) ?? false}
              disabled={choice === null || !isPossible}
              onChange={() => onToggle(object)}
            />
            <Group gap={6} wrap="nowrap">
              {group?.masks.map((mask) => (
                <Box
                  key={mask}
                  w={10}
                  h={10}
                  style={{ borderRadius: 3, background: drawerColor(placeOf.get(mask) ?? 0) }}
                  aria-hidden
                />
              ))}
              <Badge variant="light" color="gray" tt="none" w={92}>
                {group && group.masks.length > 1 ? `IoU ${percentage(group.mean_iou)}` : "alone"}
              </Badge>
            </Group>
          </Group>
        );
      })}
    </Stack>
  );
}

function rowsOf({ drawers, groups }: ConsensusImageDetail, choice: Choice | null): Row[] {
  if (choice === null || choice.annotator === null) {
    return groups.map((group) => ({
      object: group.key,
      label: group.label,
      group,
      isPossible: group.segmentation !== null,
    }));
  }
  const groupOf = groupsByMask(groups);
  const picked = drawers.find(({ annotator }) => annotator.id === choice.annotator);
  return (picked?.masks ?? []).map(({ id, label }) => ({
    object: id,
    label,
    group: groupOf.get(id),
    isPossible: true,
  }));
}

import {
  ActionIcon,
  Group,
  Indicator,
  Popover,
  SegmentedControl,
  Stack,
  Switch,
  Text,
  Tooltip,
} from "@mantine/core";
import { IconMessageCircle } from "@tabler/icons-react";
import { memo } from "react";
import type { Thread } from "../../../api/types";
import { firstWords, isOpen, type ThreadFilter } from "../../../state/threads";
import type { Command } from "../../../tools/commands";
import { counted } from "../../common/formats";
import { useLabelWithKey } from "../KeymapContext";

interface Props {
  readonly isOpened: boolean;
  readonly threads: readonly Thread[];
  readonly openedId: string | null;
  readonly filter: ThreadFilter;
  readonly arePinsShown: boolean;
  readonly onFilter: (filter: ThreadFilter) => void;
  readonly onPinsShown: (areShown: boolean) => void;
  readonly onOpen: (threadId: string) => void;
  readonly onCommand: (command: Command) => void;
  readonly onClose: () => void;
}

/** The threads of the image in a list, from the bar. */
export const ThreadMenu = memo(function ThreadMenu({ isOpened, threads, filter, ...props }: Props) {
  const open = threads.filter(isOpen);
  const shown = filter === "open" ? open : threads;
  const label = useLabelWithKey()("Comments", { name: "threadList" });
  return (
    <Popover
      opened={isOpened}
      onChange={(isOpen) => !isOpen && props.onClose()}
      position="bottom-end"
      width={340}
      trapFocus
      returnFocus
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <Tooltip label={label}>
          <Indicator label={open.length} disabled={open.length === 0} size={15} offset={6}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={open.length > 0 ? `${label}: ${open.length} open` : label}
              onClick={() => props.onCommand({ name: "threadList" })}
              data-testid="threads-open"
            >
              <IconMessageCircle size={18} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label="Comments" data-testid="thread-list">
        <Stack gap="sm">
          <Group justify="space-between" wrap="nowrap">
            <SegmentedControl
              size="xs"
              aria-label="Which threads"
              value={filter}
              onChange={(value) => props.onFilter(value)}
              data={[
                { value: "open", label: `Open (${open.length})` },
                { value: "all", label: `All (${threads.length})` },
              ]}
            />
            <Switch
              size="xs"
              label="Pins"
              aria-label="Pins on the image"
              checked={props.arePinsShown}
              onChange={(event) => props.onPinsShown(event.currentTarget.checked)}
            />
          </Group>
          {shown.length === 0 ? (
            <Text size="sm" className="faint">
              {filter === "open" && threads.length > 0
                ? "All threads are resolved."
                : "Nothing was said here yet."}
            </Text>
          ) : (
            <ul className="thread-list">
              {shown.map((thread) => (
                <li key={thread.id}>
                  <button
                    type="button"
                    aria-current={thread.id === props.openedId}
                    onClick={() => props.onOpen(thread.id)}
                    data-testid="thread-item"
                    data-state={isOpen(thread) ? "open" : "resolved"}
                  >
                    <span className="thread-number" data-state={isOpen(thread) ? "open" : "resolved"}>
                      {thread.number}
                    </span>
                    <span className="thread-words">{firstWords(thread)}</span>
                    <span className="faint">
                      {thread.created_by?.display_name ?? "Somebody who left"},{" "}
                      {counted(thread.comments.length, "comment")}
                      {!isOpen(thread) && ", resolved"}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
});

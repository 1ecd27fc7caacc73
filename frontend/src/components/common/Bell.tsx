import { ActionIcon, Button, Group, Indicator, Loader, Popover, Stack, Text } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Notification } from "../../api/types";
import { sinceWhen } from "./formats";
import { tooltip } from "./tooltip";

interface Props {
  readonly unread: number;
  readonly isOpen: boolean;
  /** Null while they are loaded. */
  readonly notifications: readonly Notification[] | null;
  readonly problem: string | null;
  readonly onToggle: (isOpen: boolean) => void;
  readonly onRead: (which: readonly number[] | "all") => void;
}

const MOST = 99;
const WHAT: Readonly<Record<Notification["kind"], string>> = {
  mention: "mentioned you",
  reply: "answered",
  rejected: "sent your image back",
  accepted: "accepted your image",
  assigned: "gave you images",
  job_finished: "is ready",
  job_failed: "failed",
};

/** How much one was told and has not read, and the list of it. */
export function Bell({ unread, isOpen, notifications, problem, onToggle, onRead }: Props) {
  const label = unread > 0 ? `Notifications: ${unread} unread` : "Notifications";
  return (
    <Popover
      opened={isOpen}
      onChange={onToggle}
      position="bottom-end"
      width={360}
      trapFocus
      returnFocus
      transitionProps={{ duration: 0 }}
    >
      {/* The target is the button itself: what it says of the popover has no place on the badge around it. */}
      <Indicator label={unread > MOST ? `${MOST}+` : unread} disabled={unread === 0} size={15} offset={6}>
        <Popover.Target>
          <ActionIcon
            {...tooltip(label)}
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={label}
            onClick={() => onToggle(!isOpen)}
            data-testid="bell"
            data-unread={unread}
          >
            <IconBell size={18} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown aria-label="Notifications" data-testid="notification-list">
        <Stack gap="xs">
          <Group justify="space-between">
            <Text size="sm" fw={700}>
              Notifications
            </Text>
            <Button
              size="compact-xs"
              variant="default"
              disabled={unread === 0}
              onClick={() => onRead("all")}
              data-testid="notifications-read"
            >
              Mark all as read
            </Button>
          </Group>
          {problem && (
            <Text size="sm" role="alert" c="var(--app-error)">
              {problem}
            </Text>
          )}
          {notifications === null && !problem && <Loader size="sm" aria-label="Loading the notifications" />}
          {notifications?.length === 0 && (
            <Text size="sm" className="faint">
              Nobody told you anything yet.
            </Text>
          )}
          {notifications && notifications.length > 0 && (
            <ul className="notification-list" tabIndex={0} aria-label="Newest first">
              {notifications.map((entry) => (
                <li key={entry.id}>
                  <Link
                    to={placeOf(entry)}
                    data-testid="notification"
                    data-kind={entry.kind}
                    data-read={entry.read_at !== null}
                    onClick={() => {
                      if (entry.read_at === null) onRead([entry.id]);
                      onToggle(false);
                    }}
                  >
                    <span>
                      <b>{whoOf(entry)}</b> {WHAT[entry.kind]}
                      {entry.read_at === null && <span className="notification-new"> new</span>}
                    </span>
                    {entry.text && <span className="notification-text">{entry.text}</span>}
                    <span className="faint">
                      {entry.file_name ?? entry.project_name},{" "}
                      {sinceWhen(new Date(entry.created_at), new Date())}
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function isOfJob({ kind }: Notification): boolean {
  return kind === "job_finished" || kind === "job_failed";
}

function whoOf(entry: Notification): string {
  if (isOfJob(entry)) return "A job you started";
  return entry.actor?.display_name ?? "Somebody who left";
}

function placeOf(entry: Notification): string {
  const { project, image, thread } = entry;
  if (isOfJob(entry)) return `/projects/${project}/jobs`;
  if (image === null) return `/projects/${project}`;
  return thread === null ? `/images/${image}` : `/images/${image}?thread=${thread}`;
}

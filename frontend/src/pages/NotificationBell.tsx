import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { describeError, isLoggedOut } from "../api/errors";
import { fetchNotifications, fetchUnreadCount, markRead } from "../api/notifications";
import { Bell } from "../components/common/Bell";
import { keys } from "./queries";
import { useServices } from "./services";
import { useMe } from "./session";

const POLL_MS = 10_000;

/** The bell of whoever is logged in, on every page. */
export function NotificationBell() {
  const me = useMe();
  const { session } = useServices();
  const queryClient = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const count = useQuery({
    queryKey: keys.unread,
    queryFn: ({ signal }) => fetchUnreadCount(signal),
    refetchInterval: POLL_MS,
  });
  const unread = count.data ?? 0;
  const list = useQuery({
    // Of another number there is something new in it.
    queryKey: [...keys.notifications, unread],
    queryFn: ({ signal }) => fetchNotifications(signal),
    enabled: isOpen,
    placeholderData: (before) => before,
  });
  const read = async (which: readonly number[] | "all") => {
    setProblem(null);
    try {
      queryClient.setQueryData(keys.unread, await markRead(me.id, which));
    } catch (error) {
      if (isLoggedOut(error)) session.ended();
      setProblem(describeError(error).message);
    }
    await queryClient.invalidateQueries({ queryKey: keys.notifications });
  };
  return (
    <Bell
      unread={unread}
      isOpen={isOpen}
      notifications={list.data ?? null}
      problem={problem ?? (list.isError ? describeError(list.error).message : null)}
      onToggle={setOpen}
      onRead={(which) => void read(which)}
    />
  );
}

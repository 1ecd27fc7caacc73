import { client, dataOf, timeLimit } from "./client";
import type { Notification } from "./types";

/** The newest ones of whoever is logged in. */
export async function fetchNotifications(signal?: AbortSignal): Promise<Notification[]> {
  const page = await dataOf(client.GET("/api/v1/notifications/", { ...(signal ? { signal } : {}) }));
  return page.results;
}

export async function fetchUnreadCount(signal?: AbortSignal): Promise<number> {
  const answer = await dataOf(client.GET("/api/v1/notifications/count/", { ...(signal ? { signal } : {}) }));
  return answer.unread_count;
}

/** Marks these as read, or all; answers how many are left. */
export async function markRead(asUser: number, which: readonly number[] | "all"): Promise<number> {
  const answer = await dataOf(
    client.POST("/api/v1/notifications/read/", {
      params: { header: { "X-As-User": asUser } },
      body: which === "all" ? { all: true } : { ids: [...which], all: false },
      signal: timeLimit(),
    }),
  );
  return answer.unread_count;
}

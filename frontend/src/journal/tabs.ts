import type { News, Tabs } from "../state/journal";

const NAME = "anymask-journal";

/** The tabs of this browser: a lock they share and a channel between them. Alone where the browser has neither. */
export function browserTabs(): Tabs {
  // Both are missing on plain HTTP from another machine; two senders then send some things twice, and save them once.
  const locks = (navigator as { locks?: LockManager }).locks;
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(NAME);
  return {
    exclusively: async (work) => {
      if (locks) await locks.request(NAME, work);
      else await work();
    },
    announce: (news) => channel?.postMessage(news),
    onAnnounced: (listener) =>
      channel?.addEventListener("message", (event: MessageEvent<News | null>) => listener(event.data)),
  };
}

/** Calls when the network, the window or the tab came back. A background tab's timers run late; these do not. */
export function onWakeUp(listener: () => void): () => void {
  const onVisible = () => {
    if (document.visibilityState === "visible") listener();
  };
  window.addEventListener("online", listener);
  window.addEventListener("focus", listener);
  document.addEventListener("visibilitychange", onVisible);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("focus", listener);
    document.removeEventListener("visibilitychange", onVisible);
  };
}

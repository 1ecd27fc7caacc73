import { useEffect } from "react";
import { useServices } from "./services";

/** Asks before the tab closes while masks are not on the server yet. */
export function UnsavedGuard() {
  const { queue } = useServices();
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (queue.getStatus().kind !== "saved") event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [queue]);
  return null;
}

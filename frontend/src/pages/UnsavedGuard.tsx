import { useEffect } from "react";
import { useServices } from "./services";

/** Asks before the tab closes while it alone holds masks, be it for a moment: what the journal keeps is sent by the next one. */
export function UnsavedGuard() {
  const { queue } = useServices();
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (!queue.isKept) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [queue]);
  return null;
}

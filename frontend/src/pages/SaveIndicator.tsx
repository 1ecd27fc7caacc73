import { useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { useMatch } from "react-router";
import { SaveState } from "../components/common/SaveState";
import { keys } from "./queries";
import { useServices } from "./services";

/** The state of saving, wherever one is; elsewhere than in the annotator only when there is something to say. */
export function SaveIndicator({ isQuiet = false }: { readonly isQuiet?: boolean }) {
  const { queue, session } = useServices();
  const shown = useMatch("/images/:imageId")?.params.imageId;
  const queryClient = useQueryClient();
  const save = useSyncExternalStore(queue.book.subscribe, queue.book.getStatus);
  const discard = async () => {
    await queue.discardRefused();
    // An image on the screen shows what was given up: begin it anew with what the server has.
    await queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === keys.masks(0)[0] });
  };
  if (isQuiet && save.kind === "saved" && save.others.length === 0) return null;
  return (
    <SaveState
      save={save}
      imageId={shown === undefined ? null : Number(shown)}
      onRetry={() => queue.retryNow()}
      onLogIn={() => session.ask()}
      onDiscard={() => void discard()}
    />
  );
}

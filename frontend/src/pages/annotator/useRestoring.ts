import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { describeError } from "../../api/errors";
import { restoreMask, type Restoring } from "../../api/history";
import { mayChange } from "../../api/permissions";
import type { Project } from "../../api/types";
import type { ChangeBook } from "../../state/changeBook";
import { keys } from "../queries";
import { useServices } from "../services";
import { useMe } from "../session";
import type { AnnotationSession } from "./session";

/** Whether a change of the mask is not on the server yet: what is restored would be overwritten by it, or refused. */
export function useIsWaiting(book: ChangeBook, maskId: string | null): boolean {
  const ownerId = book.owner?.id;
  return useSyncExternalStore(book.subscribe, () =>
    maskId === null || ownerId === undefined ? false : book.current({ ownerId, maskId }) !== null,
  );
}

/** Whether one's role allows restoring at all; on this very image the server has the last word. */
export function mayRestore(project: Project): boolean {
  return mayChange(project, "POST masks/{mask_id}/restore/", "own");
}

/** Brings states of before back on the server, and into the annotator at once. */
export function useRestoring(session: AnnotationSession, imageId: number) {
  const me = useMe();
  const services = useServices();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (wanted: Restoring) => {
      const { book } = services.queue;
      // A gesture may have come between the drawing of the button and its press.
      if (book.current({ ownerId: me.id, maskId: wanted.maskId })) {
        throw new Error("Changes of this mask are still being saved.");
      }
      return restoreMask(me.id, wanted);
    },
    onSuccess: (mask) => session.told(mask),
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "Nothing was restored",
        message: describeError(error).message,
      }),
    // Also after a refusal: somebody else may have been first.
    onSettled: async (_data, _error, { maskId }) => {
      await queryClient.invalidateQueries({ queryKey: keys.maskHistory(maskId) });
      await queryClient.invalidateQueries({ queryKey: keys.deletedMasks(imageId) });
    },
  });
}

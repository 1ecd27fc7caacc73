import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { describeError } from "../api/errors";
import { takeNextImage, takeNextReview } from "../api/work";
import { keys } from "./queries";

export type Queue = "label" | "review";

const EMPTY: Readonly<Record<Queue, string>> = {
  label: "There is no further image to label for you. New ones appear when they are uploaded and embedded.",
  review: "Nothing waits for a review.",
};

/** Goes to the next image of a queue, or says that none is left. */
export function useTakeNext(projectId: number) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (queue: Queue) => (queue === "label" ? takeNextImage(projectId) : takeNextReview(projectId)),
    onSuccess: async (imageId, queue) => {
      if (imageId === null) {
        notifications.show({ title: "All done", message: EMPTY[queue], color: "teal" });
        await navigate(`/projects/${projectId}`);
        return;
      }
      // Its status has changed by being given.
      await queryClient.invalidateQueries({ queryKey: keys.image(imageId) });
      await navigate(`/images/${imageId}`);
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "No image was given",
        message: describeError(error).message,
      }),
  });
}

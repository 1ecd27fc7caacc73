import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { describeError } from "../api/errors";
import type { JobAction } from "../components/jobs/JobButtons";

/** What can be asked of the jobs in a list, each by its id; what hangs below `changed` is read again then. */
export function useJobAction(
  act: (jobId: string) => Promise<unknown>,
  failure: string,
  changed: QueryKey,
): (row: { readonly job: string }) => JobAction {
  const queryClient = useQueryClient();
  const action = useMutation({
    mutationFn: act,
    onSettled: () => queryClient.invalidateQueries({ queryKey: changed }),
    onError: (error) =>
      notifications.show({ color: "orange", title: failure, message: describeError(error).message }),
  });
  return ({ job }) => ({
    isBusy: action.isPending && action.variables === job,
    run: () => action.mutate(job),
  });
}

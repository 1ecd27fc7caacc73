import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { fetchRuns, type ProposalRun } from "../../api/proposals";
import { BUSY_POLL_MS, IDLE_POLL_MS } from "../JobItem";
import { keys } from "../queries";

export function isRunBusy({ state }: ProposalRun): boolean {
  return state === "queued" || state === "running";
}

/** A project's runs, looked at again while some are not finished; what one finds comes on the sheet. */
export function useRuns(projectId: number) {
  const queryClient = useQueryClient();
  const query = useInfiniteQuery({
    queryKey: keys.proposalRuns(projectId),
    queryFn: ({ pageParam }) => fetchRuns(projectId, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ runs }) => runs.some(isRunBusy)) ? BUSY_POLL_MS : IDLE_POLL_MS,
  });
  const all = query.data?.pages.flatMap(({ runs }) => runs) ?? [];
  const busy = all
    .filter(isRunBusy)
    .map(({ id }) => id)
    .join();
  const before = useRef(busy);
  useEffect(() => {
    if (before.current !== "" && before.current !== busy) {
      void queryClient.invalidateQueries({ queryKey: keys.proposals(projectId) });
    }
    before.current = busy;
  }, [busy, projectId, queryClient]);
  return { query, all };
}

export type Runs = ReturnType<typeof useRuns>;

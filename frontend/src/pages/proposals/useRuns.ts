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
  // What runs have found so far, in a word: the figures are read again when it changes.
  const found = all.map(({ id, images_done }) => `${id}:${images_done}`).join();
  const before = useRef(found);
  useEffect(() => {
    if (before.current !== found && before.current !== "") {
      void queryClient.invalidateQueries({ queryKey: keys.proposalFigures(projectId) });
    }
    before.current = found;
  }, [found, projectId, queryClient]);
  return { query, all };
}

export type Runs = ReturnType<typeof useRuns>;

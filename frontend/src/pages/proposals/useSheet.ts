import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { fetchProposals, type Proposal, type ProposalRange } from "../../api/proposals";
import type { ProposalItem } from "../../components/proposals/proposalCard";
import { keys } from "../queries";

const PAGE_SIZE = 100;
/** Of a sheet of any length so many pages are held; those scrolled away from are read again. */
const PAGES_HELD = 8;

interface PageParam {
  readonly cursor: string | null;
  /** The place of its first proposal in the whole list. */
  readonly offset: number;
}

const FIRST_PAGE: PageParam = { cursor: null, offset: 0 };

/** The contact sheet's proposals, page after page in both directions, so many and no more at a time. */
export function useSheet(projectId: number, range: ProposalRange) {
  const query = useInfiniteQuery({
    queryKey: [...keys.proposalSheet(projectId), range],
    queryFn: async ({ pageParam: { cursor, offset } }) => {
      const page = await fetchProposals(projectId, range, cursor, PAGE_SIZE);
      const { proposals, next, previous, total } = page;
      return { items: proposals.map(itemOf), next, previous, total, offset };
    },
    initialPageParam: FIRST_PAGE,
    getNextPageParam: ({ next, offset, items }): PageParam | null =>
      next === null ? null : { cursor: next, offset: offset + items.length },
    getPreviousPageParam: ({ previous, offset }): PageParam | null =>
      previous === null || offset === 0
        ? null
        : { cursor: previous, offset: Math.max(0, offset - PAGE_SIZE) },
    maxPages: PAGES_HELD,
    // What is decided stays where it is until somebody asks for a new sheet: nothing moves under the hand.
    staleTime: Infinity,
    refetchOnMount: "always",
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const { data, hasNextPage, hasPreviousPage, isFetching, fetchNextPage, fetchPreviousPage } = query;
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const onNearEnd = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  const onNearStart = useCallback(() => {
    if (hasPreviousPage && !isFetching) void fetchPreviousPage();
  }, [hasPreviousPage, isFetching, fetchPreviousPage]);
  return {
    query,
    items,
    total: data?.pages[0]?.total ?? null,
    offset: data?.pages[0]?.offset ?? 0,
    isMore: hasNextPage,
    onNearEnd,
    onNearStart,
  };
}

/** Without the pixels: a page of them would be megabytes. */
function itemOf(proposal: Proposal): ProposalItem {
  return {
    id: proposal.id,
    image: proposal.image,
    fileName: proposal.file_name,
    predictedIou: proposal.predicted_iou,
    stabilityScore: proposal.stability_score,
    area: proposal.area,
    state: proposal.state,
    cutoutUrl: proposal.cutout_url,
  };
}

import { useQuery } from "@tanstack/react-query";
import { fetchJob } from "../api/jobs";
import { mayChange } from "../api/permissions";
import { fetchOrder } from "../api/ranking";
import type { Project } from "../api/types";
import { BUSY_POLL_MS, isUnfinished } from "./JobItem";
import { keys } from "./queries";

/** The order in which a project's images are given out, for who may choose it, and the job that ranks them. */
export function useOrder(project: Project) {
  const mayChoose = mayChange(project, "PATCH projects/{project_id}/work/order/");
  const figures = useQuery({
    queryKey: keys.imageOrder(project.id),
    queryFn: async () => {
      const found = await fetchOrder(project.id);
      return { ...found, ranking: found.job === null ? null : await fetchJob(found.job) };
    },
    enabled: mayChoose,
    refetchInterval: ({ state }) =>
      state.data?.ranking && isUnfinished(state.data.ranking) ? BUSY_POLL_MS : false,
  });
  return { projectId: project.id, mayChoose, figures, isRanked: (figures.data?.ranked ?? 0) > 0 };
}

export type Order = ReturnType<typeof useOrder>;

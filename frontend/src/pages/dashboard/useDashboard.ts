import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import {
  fetchActivity,
  fetchActivityByProject,
  fetchReviews,
  fetchStatuses,
  fetchStorage,
  type ActivityQuery,
  type ReviewQuery,
  type Scope,
} from "../../api/dashboard";
import { describeError } from "../../api/errors";
import type { Activity, Reviews, Statuses, Storage } from "../../api/types";
import type { Loaded } from "../../components/dashboard/ChartCard";
import type { Choice } from "../../components/dashboard/DashboardFilters";
import { daysFrom, periodBefore, type Day, type Period } from "../../components/dashboard/period";
import { MOST_DAYS } from "../../components/dashboard/series";
import { keys } from "../queries";
import { daysQuery, maskQuery } from "./choice";

function useTable<Data>(
  scope: Scope,
  name: string,
  query: object,
  fetch: () => Promise<Data>,
  isWanted = true,
): UseQueryResult<Data> {
  return useQuery({
    queryKey: [...keys.dashboard(scope), name, query],
    queryFn: fetch,
    enabled: isWanted,
    // While another period is read the one before stays, so that nothing jumps.
    placeholderData: keepPreviousData,
  });
}

function useActivity(scope: Scope, query: ActivityQuery, isWanted = true): UseQueryResult<Activity> {
  return useTable(scope, "activity", query, () => fetchActivity(scope, query), isWanted);
}

function useReviews(scope: Scope, query: ReviewQuery, isWanted = true): UseQueryResult<Reviews> {
  return useTable(scope, "reviews", query, () => fetchReviews(scope, query), isWanted);
}

export interface Tables {
  /** Of how many days a column is. */
  readonly step: 1 | 7;
  readonly byDay: UseQueryResult<Activity>;
  readonly byStage: UseQueryResult<Activity>;
  readonly byPerson: UseQueryResult<Activity>;
  readonly byLabel: UseQueryResult<Activity>;
  readonly bySize: UseQueryResult<Activity>;
  readonly byModel: UseQueryResult<Activity>;
  readonly byProject: UseQueryResult<Activity>;
  readonly before: UseQueryResult<Activity>;
  readonly statuses: UseQueryResult<Statuses>;
  readonly authors: UseQueryResult<Reviews>;
  readonly reviewers: UseQueryResult<Reviews>;
  readonly reviewsBefore: UseQueryResult<Reviews>;
  readonly storage: UseQueryResult<Storage>;
  /** Everybody who ever made a mask, and all labels: what may be chosen. */
  readonly everybody: UseQueryResult<Activity>;
  readonly everyLabel: UseQueryResult<Activity>;
  readonly everyProject: UseQueryResult<Activity>;
}

/** All tables of the page. */
export function useDashboard(scope: Scope, choice: Choice, period: Period, today: Day): Tables {
  const masks = maskQuery(period, choice);
  const days = daysQuery(period);
  const work = { ...days, ...(choice.person ? { author: choice.person } : {}) };
  const previous = periodBefore(period, today);
  const before = previous ?? period;
  const workBefore = { ...work, ...daysQuery(before) };
  const isAll = scope.kind === "all";
  const statuses = useTable(scope, "statuses", days, () => fetchStatuses(scope, days));
  // How long all the time is the first image says.
  const length =
    period.since === null ? statuses.data?.rows.length : daysFrom(period.since, period.until ?? today);
  const step = (length ?? 0) > MOST_DAYS ? 7 : 1;
  const by = step === 7 ? "week" : "day";
  return {
    step,
    byDay: useActivity(scope, { ...masks, by, split: "person" }, length !== undefined),
    byStage: useActivity(scope, { ...masks, by, split: "stage" }, length !== undefined),
    byPerson: useActivity(scope, { ...masks, by: "person" }),
    byLabel: useActivity(scope, { ...masks, by: "label" }),
    bySize: useActivity(scope, { ...masks, by: "size" }),
    byModel: useActivity(scope, { ...masks, by: "model", split: "stage" }),
    byProject: useTable(
      scope,
      "projects",
      masks,
      () => fetchActivityByProject(projectsOf(scope), masks),
      isAll,
    ),
    before: useActivity(scope, { ...maskQuery(before, choice), by: "stage" }, previous !== null),
    statuses,
    authors: useReviews(scope, { ...work, by: "author" }),
    reviewers: useReviews(scope, { ...work, by: "reviewer" }),
    reviewsBefore: useReviews(scope, { ...workBefore, by: "author" }, previous !== null),
    storage: useTable(scope, "storage", {}, () => fetchStorage(scope)),
    everybody: useActivity(scope, { by: "person" }),
    everyLabel: useActivity(scope, { by: "label" }, !isAll),
    everyProject: useTable(ALL, "projects", {}, () => fetchActivityByProject([], {}), isAll),
  };
}

const ALL: Scope = { kind: "all", projects: [] };

function projectsOf(scope: Scope): readonly number[] {
  return scope.kind === "all" ? scope.projects : [scope.id];
}

/** What a card says of its table. */
export function loadedOf<Data extends { readonly rows: readonly unknown[] }>(
  query: UseQueryResult<Data>,
): Loaded {
  return {
    isPending: query.isPending,
    error: query.isError && !query.data ? describeError(query.error) : null,
    onRetry: () => void query.refetch(),
    isEmpty: query.data?.rows.length === 0,
  };
}

import { client, dataOf } from "./client";
import type { paths } from "./schema";
import type { Activity, Engine, Reviews, Statuses, Storage } from "./types";

/** A project, or the projects whose dashboards one may see: all, or some of them. */
export type Scope =
  | { readonly kind: "project"; readonly id: number }
  | { readonly kind: "all"; readonly projects: readonly number[] };

type Query<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Found } } }
  ? Omit<NonNullable<Found>, "project" | "format">
  : never;

export type ActivityQuery = Query<"/api/v1/projects/{project_id}/dashboard/activity/">;
export type StatusQuery = Query<"/api/v1/projects/{project_id}/dashboard/statuses/">;
export type ReviewQuery = Query<"/api/v1/projects/{project_id}/dashboard/reviews/">;

const ofProject = <Q>(id: number, query: Q) => ({ params: { path: { project_id: id }, query } });
const ofAll = <Q>(projects: readonly number[], query: Q) => ({
  params: { query: { ...query, project: [...projects] } },
});

/** Masks by something, with how long they took and how many are as the model gave them. */
export function fetchActivity(scope: Scope, query: ActivityQuery): Promise<Activity> {
  return scope.kind === "project"
    ? dataOf(client.GET("/api/v1/projects/{project_id}/dashboard/activity/", ofProject(scope.id, query)))
    : dataOf(client.GET("/api/v1/dashboard/activity/", ofAll(scope.projects, query)));
}

/** The same by project. */
export function fetchActivityByProject(
  projects: readonly number[],
  query: Omit<ActivityQuery, "by">,
): Promise<Activity> {
  return dataOf(
    client.GET("/api/v1/dashboard/activity/", ofAll(projects, { ...query, by: "project" as const })),
  );
}

/** Images by status at the end of each day. */
export function fetchStatuses(scope: Scope, query: StatusQuery): Promise<Statuses> {
  return scope.kind === "project"
    ? dataOf(client.GET("/api/v1/projects/{project_id}/dashboard/statuses/", ofProject(scope.id, query)))
    : dataOf(client.GET("/api/v1/dashboard/statuses/", ofAll(scope.projects, query)));
}

/** How many images were begun, submitted, accepted and rejected. */
export function fetchReviews(scope: Scope, query: ReviewQuery): Promise<Reviews> {
  return scope.kind === "project"
    ? dataOf(client.GET("/api/v1/projects/{project_id}/dashboard/reviews/", ofProject(scope.id, query)))
    : dataOf(client.GET("/api/v1/dashboard/reviews/", ofAll(scope.projects, query)));
}

/** Bytes of files, by project. */
export function fetchStorage(scope: Scope): Promise<Storage> {
  return scope.kind === "project"
    ? dataOf(client.GET("/api/v1/projects/{project_id}/dashboard/storage/", ofProject(scope.id, {})))
    : dataOf(client.GET("/api/v1/dashboard/storage/", ofAll(scope.projects, {})));
}

/** The data engine of a project, round by round. */
export function fetchEngine(projectId: number): Promise<Engine> {
  return dataOf(client.GET("/api/v1/projects/{project_id}/dashboard/engine/", ofProject(projectId, {})));
}

/** Where a table is as a file for spreadsheets. */
export function csvHref(
  scope: Scope,
  table: "activity" | "statuses" | "reviews" | "storage" | "engine",
  query: Readonly<Record<string, string | undefined>>,
): string {
  const root = scope.kind === "project" ? `/api/v1/projects/${scope.id}/dashboard` : "/api/v1/dashboard";
  const parameters = new URLSearchParams({ format: "csv" });
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, value);
  if (scope.kind === "all") for (const id of scope.projects) parameters.append("project", String(id));
  return `${root}/${table}/?${parameters.toString()}`;
}

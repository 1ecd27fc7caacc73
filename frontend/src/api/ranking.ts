import { client, dataOf } from "./client";
import { startJob } from "./jobs";
import type { components } from "./schema";
import type { Job } from "./types";

type Schemas = components["schemas"];

export type ImageOrderFigures = Schemas["WorkOrder"];
export type ImageOrder = Schemas["ImageOrder"];

const ofProject = (project_id: number) => ({ params: { path: { project_id } } });

/** In which order people are given the images that nobody has begun. */
export function fetchOrder(projectId: number): Promise<ImageOrderFigures> {
  return dataOf(client.GET("/api/v1/projects/{project_id}/work/order/", ofProject(projectId)));
}

/** Throws `ApiError` `ranking.no_parent`. */
export function chooseOrder(projectId: number, order: ImageOrder): Promise<ImageOrderFigures> {
  return dataOf(
    client.PATCH("/api/v1/projects/{project_id}/work/order/", { ...ofProject(projectId), body: { order } }),
  );
}

/** Has images ranked that came since. Throws `ApiError` `ranking.under_way`. */
export function startRanking(projectId: number): Promise<Job> {
  return startJob(projectId, { id: crypto.randomUUID(), kind: "rank_images", params: {} });
}

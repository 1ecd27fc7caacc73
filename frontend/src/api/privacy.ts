import { client, dataOf } from "./client";
import type { Privacy } from "./types";

export function fetchPrivacy(projectId: number): Promise<Privacy> {
  return dataOf(client.GET("/api/v1/projects/{project_id}/privacy/", ofProject(projectId)));
}

/** For images that come from now on. */
export function updatePrivacy(projectId: number, body: Partial<Privacy>): Promise<Privacy> {
  return dataOf(client.PATCH("/api/v1/projects/{project_id}/privacy/", { ...ofProject(projectId), body }));
}

/** Where a browser gets the file as it came; every fetch is in the project's log. */
export function originalUrl(imageId: number): string {
  return `/api/v1/images/${imageId}/original/`;
}

function ofProject(projectId: number) {
  return { params: { path: { project_id: projectId } } };
}

import { client, dataOf } from "./client";
import { cursorOf } from "./projects";
import type { Page } from "./quality";
import type { CheckedImage, QualityCheck, QualityCheckWrite } from "./types";

const from = (cursor: string | null) => (cursor ? { cursor } : {});
const ofProject = (projectId: number) => ({ params: { path: { project_id: projectId } } });
const ofCheck = (checkId: number) => ({ params: { path: { check_id: checkId } } });

/** A project's release checks, the newest first, from a cursor on. */
export async function fetchChecks(projectId: number, cursor: string | null): Promise<Page<QualityCheck>> {
  const params = { path: { project_id: projectId }, query: from(cursor) };
  const page = await dataOf(client.GET("/api/v1/projects/{project_id}/quality/checks/", { params }));
  return { rows: page.results, cursor: cursorOf(page.next) };
}

export function createCheck(projectId: number, body: QualityCheckWrite): Promise<QualityCheck> {
  return dataOf(
    client.POST("/api/v1/projects/{project_id}/quality/checks/", { ...ofProject(projectId), body }),
  );
}

export function fetchCheck(checkId: number): Promise<QualityCheck> {
  return dataOf(client.GET("/api/v1/quality-checks/{check_id}/", ofCheck(checkId)));
}

/** A check's images with what was corrected on each, from a cursor on. */
export async function fetchCheckImages(checkId: number, cursor: string | null): Promise<Page<CheckedImage>> {
  const params = { path: { check_id: checkId }, query: from(cursor) };
  const page = await dataOf(client.GET("/api/v1/quality-checks/{check_id}/images/", { params }));
  return { rows: page.results, cursor: cursorOf(page.next) };
}

/** Its figures stay as they are; what nobody submitted goes. */
export function closeCheck(checkId: number): Promise<QualityCheck> {
  return dataOf(client.POST("/api/v1/quality-checks/{check_id}/close/", ofCheck(checkId)));
}

/** Takes the corrections over. */
export function applyCheck(checkId: number): Promise<QualityCheck> {
  return dataOf(client.POST("/api/v1/quality-checks/{check_id}/apply/", ofCheck(checkId)));
}

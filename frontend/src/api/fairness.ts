import { client, dataOf } from "./client";
import { cursorOf } from "./projects";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type FairnessReport = Schemas["FairnessReport"];
export type FairnessReportWrite = Schemas["FairnessReportWriteRequest"];
export type FairnessGroups = Schemas["FairnessGroups"];
export type FairnessGroup = Schemas["FairnessGroup"];
export type Interval = Schemas["MeanInterval"];

export interface FairnessReportPage {
  readonly reports: readonly FairnessReport[];
  readonly cursor: string | null;
}

/** The project's reports, the newest first, from a cursor on. */
export async function fetchReports(projectId: number, cursor: string | null): Promise<FairnessReportPage> {
  const params = { path: { project_id: projectId }, query: cursor ? { cursor } : {} };
  const page = await dataOf(client.GET("/api/v1/projects/{project_id}/fairness-reports/", { params }));
  return { reports: page.results, cursor: cursorOf(page.next) };
}

export function startReport(projectId: number, body: FairnessReportWrite): Promise<FairnessReport> {
  const params = { path: { project_id: projectId } };
  return dataOf(client.POST("/api/v1/projects/{project_id}/fairness-reports/", { params, body }));
}

/** Groups of a report's masks by `tag`, `label` or `attribute:<id>`, by their IoU after so many clicks. */
export function fetchGroups(reportId: number, by: string, clicks: 1 | 3): Promise<FairnessGroups> {
  const params = { path: { fairness_report_id: reportId }, query: { by, clicks } };
  return dataOf(client.GET("/api/v1/fairness-reports/{fairness_report_id}/groups/", { params }));
}

import { client, dataOf, fetchBytes } from "./client";
import { cursorOf } from "./projects";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Evaluation = Schemas["Evaluation"];
export type EvaluationDetail = Schemas["EvaluationDetail"];
export type EvaluationTask = Schemas["EvaluationTask"];
export type EvaluationWrite = Schemas["EvaluationWriteRequest"];
export type KeyFigure = Schemas["KeyFigure"];

export interface EvaluationPage {
  readonly evaluations: readonly Evaluation[];
  readonly cursor: string | null;
}

/** The experiments there are. */
export function fetchEvaluationTasks(): Promise<readonly EvaluationTask[]> {
  return dataOf(client.GET("/api/v1/evaluation-tasks/"));
}

/** The project's evaluations, the newest first, from a cursor on. */
export async function fetchEvaluations(projectId: number, cursor: string | null): Promise<EvaluationPage> {
  const params = { path: { project_id: projectId }, query: cursor ? { cursor } : {} };
  const page = await dataOf(client.GET("/api/v1/projects/{project_id}/evaluations/", { params }));
  return { evaluations: page.results, cursor: cursorOf(page.next) };
}

/** One evaluation with its whole report. */
export function fetchEvaluation(id: number): Promise<EvaluationDetail> {
  const params = { path: { evaluation_id: id } };
  return dataOf(client.GET("/api/v1/evaluations/{evaluation_id}/", { params }));
}

export function startEvaluation(projectId: number, body: EvaluationWrite): Promise<Evaluation> {
  const params = { path: { project_id: projectId } };
  return dataOf(client.POST("/api/v1/projects/{project_id}/evaluations/", { params, body }));
}

/** The HTML of an evaluation's page. */
export async function fetchReportPage(url: string): Promise<string> {
  return new TextDecoder().decode(await fetchBytes(url));
}

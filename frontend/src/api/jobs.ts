import { client, dataOf } from "./client";
import { cursorOf } from "./projects";
import type { Job, JobDetail, JobState, ProjectEmbeddings, QueueHealthFigures } from "./types";

export interface JobPage {
  readonly jobs: readonly Job[];
  readonly cursor: string | null;
}

export interface JobWrite {
  /** The client's: the same again makes no second one. */
  readonly id: string;
  readonly kind: string;
  readonly params: Record<string, unknown>;
}

const PAGE_SIZE = 20;
const ofJob = (id: string) => ({ params: { path: { job_id: id } } });
const ofProject = (projectId: number) => ({ params: { path: { project_id: projectId } } });

/** Jobs of a project, or of all one's projects (null), the newest first, in any of the states or in all (none named). */
export async function fetchJobs(
  projectId: number | null,
  states: readonly JobState[],
  cursor: string | null,
): Promise<JobPage> {
  const query = { state: [...states], page_size: PAGE_SIZE, ...(cursor ? { cursor } : {}) };
  const page = await dataOf(
    projectId === null
      ? client.GET("/api/v1/jobs/", { params: { query } })
      : client.GET("/api/v1/projects/{project_id}/jobs/", {
          params: { path: { project_id: projectId }, query },
        }),
  );
  return { jobs: page.results, cursor: cursorOf(page.next) };
}

/** One job with the latest lines of its log. */
export function fetchJob(id: string): Promise<JobDetail> {
  return dataOf(client.GET("/api/v1/jobs/{job_id}/", ofJob(id)));
}

export function startJob(projectId: number, body: JobWrite): Promise<Job> {
  return dataOf(client.POST("/api/v1/projects/{project_id}/jobs/", { ...ofProject(projectId), body }));
}

export function cancelJob(id: string): Promise<Job> {
  return dataOf(client.POST("/api/v1/jobs/{job_id}/cancel/", ofJob(id)));
}

export function retryJob(id: string): Promise<Job> {
  return dataOf(client.POST("/api/v1/jobs/{job_id}/retry/", ofJob(id)));
}

/** How far the embeddings of a project are, and what failed of them. */
export function fetchEmbeddings(projectId: number): Promise<ProjectEmbeddings> {
  return dataOf(client.GET("/api/v1/projects/{project_id}/embeddings/", ofProject(projectId)));
}

export function cancelEmbeddings(projectId: number): Promise<ProjectEmbeddings> {
  return dataOf(client.POST("/api/v1/projects/{project_id}/embeddings/cancel/", ofProject(projectId)));
}

export function retryEmbeddings(projectId: number): Promise<ProjectEmbeddings> {
  return dataOf(client.POST("/api/v1/projects/{project_id}/embeddings/retry/", ofProject(projectId)));
}

/** The workers and their queues. */
export function fetchQueueHealth(): Promise<QueueHealthFigures> {
  return dataOf(client.GET("/api/v1/queue/"));
}

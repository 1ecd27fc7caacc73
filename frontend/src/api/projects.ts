import { client, dataOf, done } from "./client";
import type { Label, LabelWrite, Project, ProjectDetail, ProjectWrite } from "./types";

/** All projects one is a member of: pages are followed, people rarely have more than a few dozen. */
export async function fetchProjects(): Promise<Project[]> {
  const projects: Project[] = [];
  let cursor: string | null = null;
  do {
    const page: { results: Project[]; next?: string | null } = await dataOf(
      client.GET("/api/v1/projects/", { params: { query: cursor ? { cursor } : {} } }),
    );
    projects.push(...page.results);
    cursor = cursorOf(page.next);
  } while (cursor);
  return projects;
}

export function fetchProject(projectId: number): Promise<ProjectDetail> {
  return dataOf(
    client.GET("/api/v1/projects/{project_id}/", { params: { path: { project_id: projectId } } }),
  );
}

export function createProject(body: ProjectWrite): Promise<Project> {
  return dataOf(client.POST("/api/v1/projects/", { body }));
}

export function updateProject(projectId: number, body: Partial<ProjectWrite>): Promise<ProjectDetail> {
  return dataOf(
    client.PATCH("/api/v1/projects/{project_id}/", { params: { path: { project_id: projectId } }, body }),
  );
}

export function deleteProject(projectId: number): Promise<void> {
  return done(
    client.DELETE("/api/v1/projects/{project_id}/", { params: { path: { project_id: projectId } } }),
  );
}

/** Where the browser downloads a project's COCO file; masks without a label need to be decided about. */
export function cocoExportUrl(projectId: number, unlabelled?: "skip" | "include"): string {
  const query = unlabelled ? `?unlabelled=${unlabelled}` : "";
  return `/api/v1/projects/${projectId}/export/coco/${query}`;
}

export function fetchLabels(projectId: number): Promise<Label[]> {
  return dataOf(
    client.GET("/api/v1/projects/{project_id}/labels/", { params: { path: { project_id: projectId } } }),
  );
}

export function createLabel(projectId: number, body: LabelWrite): Promise<Label> {
  return dataOf(
    client.POST("/api/v1/projects/{project_id}/labels/", {
      params: { path: { project_id: projectId } },
      body,
    }),
  );
}

export function updateLabel(labelId: number, body: Partial<LabelWrite>): Promise<Label> {
  return dataOf(
    client.PATCH("/api/v1/labels/{label_id}/", { params: { path: { label_id: labelId } }, body }),
  );
}

export function deleteLabel(labelId: number): Promise<void> {
  return done(client.DELETE("/api/v1/labels/{label_id}/", { params: { path: { label_id: labelId } } }));
}

/** The cursor in a page's `next` link, null on the last page. */
export function cursorOf(next: string | null | undefined): string | null {
  return next ? new URL(next, "http://localhost").searchParams.get("cursor") : null;
}

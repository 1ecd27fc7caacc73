import { client, dataOf } from "./client";
import { cursorOf } from "./projects";
import type { AuditEntry } from "./types";

export interface AuditFilter {
  readonly actor: number | null;
  /** What the action begins with; empty for all. */
  readonly action: string;
  readonly since: Date | null;
  readonly until: Date | null;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly cursor: string | null;
}

/** What people did to a project, the newest first, from a cursor on. */
export async function fetchAudit(
  projectId: number,
  { actor, action, since, until }: AuditFilter,
  cursor: string | null,
): Promise<AuditPage> {
  const query = {
    ...(actor === null ? {} : { actor }),
    ...(action ? { action } : {}),
    ...(since ? { since: since.toISOString() } : {}),
    ...(until ? { until: until.toISOString() } : {}),
    ...(cursor ? { cursor } : {}),
  };
  const page = await dataOf(
    client.GET("/api/v1/projects/{project_id}/audit/", {
      params: { path: { project_id: projectId }, query },
    }),
  );
  return { entries: page.results, cursor: cursorOf(page.next) };
}

import { client, dataOf, timeLimit } from "./client";
import { startJob } from "./jobs";
import type { components } from "./schema";
import type { Job } from "./types";

type Schemas = components["schemas"];

export type Similar = Schemas["Similar"];
export type SimilarMask = Schemas["SimilarMask"];
export type BulkResult = Schemas["MaskBulkResult"];

/** Of which masks: all (null), those with a label, or those without one. */
export type SimilarFilter = number | "unlabelled" | null;

/** The masks of the project that look most like one. What was not looked at yet is looked at by the job that it names. */
export function fetchSimilar(maskId: string, filter: SimilarFilter, limit: number): Promise<Similar> {
  const query =
    filter === null
      ? { limit }
      : filter === "unlabelled"
        ? { limit, unlabelled: true }
        : { limit, label: filter };
  return dataOf(
    client.GET("/api/v1/masks/{mask_id}/similar/", { params: { path: { mask_id: maskId }, query } }),
  );
}

/** Has the masks looked at that were not yet. Throws `ApiError` `likeness.under_way`. */
export function startLooking(projectId: number): Promise<Job> {
  return startJob(projectId, { id: crypto.randomUUID(), kind: "mask_vectors", params: {} });
}

export interface Relabelling {
  readonly id: string;
  readonly revision: number;
  readonly label: number | null;
}

/** Gives masks labels, each unless somebody changed it since. Names the person whose work it is, as the writes of masks do. */
export function relabelMasks(
  asUser: number,
  projectId: number,
  masks: readonly Relabelling[],
): Promise<BulkResult> {
  return dataOf(
    client.POST("/api/v1/projects/{project_id}/masks/bulk/", {
      params: { path: { project_id: projectId }, header: { "X-As-User": asUser } },
      body: {
        atomic: false,
        operations: masks.map((mask) => ({ op: "update" as const, ...mask, tool: "relabel" as const })),
      },
      signal: timeLimit(),
    }),
  );
}

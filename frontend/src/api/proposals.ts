import { client, dataOf, done, timeLimit } from "./client";
import { startJob } from "./jobs";
import { cursorOf } from "./projects";
import type { components } from "./schema";
import type { Job } from "./types";

type Schemas = components["schemas"];

export type Proposal = Schemas["Proposal"];
export type ProposalState = Schemas["ProposalState"];
export type ProposalRun = Schemas["ProposalRun"];
export type ProposalRunWrite = Schemas["ProposalRunWriteRequest"];
export type ProposalCounts = Schemas["ProposalCounts"];
export type Confidences = Schemas["Confidences"];
export type DecisionResults = Schemas["DecisionResults"];
export type Decision = "accept" | "reject" | "reopen";

/** Which of a project's proposals; what is null is not asked for. */
export interface ProposalFilter {
  readonly run: number | null;
  readonly stage: ProposalRun["stage"] | null;
  readonly state: ProposalState | null;
  readonly image: number | null;
}

/** The same with bounds of the predicted IoU: at least, and less than. */
export interface ProposalRange extends ProposalFilter {
  readonly least: number | null;
  readonly below: number | null;
}

export interface ProposalPage {
  readonly proposals: readonly Proposal[];
  /** All that the filter holds; told with the first page. */
  readonly total: number | null;
  readonly next: string | null;
  readonly previous: string | null;
}

const ofProject = (project_id: number) => ({ project_id });

/** Those of an image that wait for a word, the most confident first. */
export function fetchImageProposals(imageId: number, signal: AbortSignal): Promise<Proposal[]> {
  const params = { path: { image_id: imageId } };
  return dataOf(client.GET("/api/v1/images/{image_id}/proposals/", { params, signal }));
}

/** Names the person whose work it carries, and throws, as the writes of masks do. */
export function decideOnImage(
  asUser: number,
  imageId: number,
  body: { readonly reject: string[]; readonly reopen: string[] },
): Promise<unknown> {
  return done(
    client.POST("/api/v1/images/{image_id}/proposals/decide/", {
      params: { path: { image_id: imageId }, header: { "X-As-User": asUser } },
      body,
      signal: timeLimit(),
    }),
  );
}

/** What there is of a project's proposals to be filtered by, as the server takes it. */
function queryOf({ run, stage, state, image, least, below }: ProposalRange) {
  return {
    ...(run === null ? {} : { run }),
    ...(stage === null ? {} : { stage }),
    ...(state === null ? {} : { state }),
    ...(image === null ? {} : { image }),
    ...(least === null ? {} : { min_predicted_iou: least }),
    ...(below === null ? {} : { max_predicted_iou: below }),
  };
}

/** A page of a project's proposals, the most confident first. */
export async function fetchProposals(
  projectId: number,
  range: ProposalRange,
  cursor: string | null,
  pageSize: number,
): Promise<ProposalPage> {
  const query = { ...queryOf(range), page_size: pageSize, ...(cursor ? { cursor } : {}) };
  const params = { path: ofProject(projectId), query };
  const page = await dataOf(client.GET("/api/v1/projects/{project_id}/proposals/", { params }));
  return {
    proposals: page.results,
    total: page.total,
    next: cursorOf(page.next),
    previous: cursorOf(page.previous),
  };
}

/** How many a filter holds. */
export async function countProposals(projectId: number, range: ProposalRange): Promise<number> {
  return (await fetchProposals(projectId, range, null, 1)).total ?? 0;
}

/** How many there are by predicted IoU and state. */
export function fetchConfidences(projectId: number, filter: ProposalFilter): Promise<Confidences> {
  const query = queryOf({ ...filter, least: null, below: null });
  const params = { path: ofProject(projectId), query };
  return dataOf(client.GET("/api/v1/projects/{project_id}/proposals/confidences/", { params }));
}

/** One decision about some; a label is given to the masks that are made. What is refused is told one by one. */
export function decideProposals(
  projectId: number,
  decision: Decision,
  ids: readonly string[],
  label?: number,
): Promise<DecisionResults> {
  const body = { decision, ids: [...ids], ...(label === undefined ? {} : { label }) };
  return dataOf(
    client.POST("/api/v1/projects/{project_id}/proposals/decide/", {
      params: { path: ofProject(projectId) },
      body,
    }),
  );
}

/** A job that decides about all that a filter holds. `reopen` takes back what the job `of` did. */
export function startDeciding(
  projectId: number,
  wanted:
    | { readonly decision: "accept" | "reject"; readonly range: ProposalRange; readonly label?: number }
    | { readonly decision: "reopen"; readonly of: string },
): Promise<Job> {
  const params =
    wanted.decision === "reopen"
      ? { decision: wanted.decision, filter: { job: wanted.of } }
      : {
          decision: wanted.decision,
          filter: queryOf(wanted.range),
          ...(wanted.label === undefined ? {} : { label: wanted.label }),
        };
  return startJob(projectId, { id: crypto.randomUUID(), kind: "decide_proposals", params });
}

/** A project's runs, the newest first, from a cursor on. */
export async function fetchRuns(
  projectId: number,
  cursor: string | null,
): Promise<{ readonly runs: readonly ProposalRun[]; readonly cursor: string | null }> {
  const params = { path: ofProject(projectId), query: cursor ? { cursor } : {} };
  const page = await dataOf(client.GET("/api/v1/projects/{project_id}/proposal-runs/", { params }));
  return { runs: page.results, cursor: cursorOf(page.next) };
}

export function startRun(projectId: number, body: ProposalRunWrite): Promise<ProposalRun> {
  return dataOf(
    client.POST("/api/v1/projects/{project_id}/proposal-runs/", {
      params: { path: ofProject(projectId) },
      body,
    }),
  );
}

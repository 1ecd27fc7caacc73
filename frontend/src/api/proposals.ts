import { client, dataOf, done, timeLimit } from "./client";
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

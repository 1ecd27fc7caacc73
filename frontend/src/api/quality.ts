import { client, dataOf, done } from "./client";
import { cursorOf } from "./projects";
import type {
  ConsensusImage,
  ConsensusImageDetail,
  ConsensusRound,
  ConsensusRoundWrite,
  GroundTruth,
  GroundTruthScore,
  PersonAgreement,
  QualitySettings,
  Resolve,
} from "./types";

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly cursor: string | null;
}

interface Paginated<Row> {
  readonly next?: string | null;
  readonly results: Row[];
}

const page = <Row>({ next, results }: Paginated<Row>): Page<Row> => ({
  rows: results,
  cursor: cursorOf(next),
});
const from = (cursor: string | null) => (cursor ? { cursor } : {});
const ofProject = (projectId: number) => ({ params: { path: { project_id: projectId } } });
const ofRound = (roundId: number) => ({ params: { path: { round_id: roundId } } });
const ofImage = (consensusImageId: number) => ({
  params: { path: { consensus_image_id: consensusImageId } },
});

/** A project's consensus rounds, the newest first, from a cursor on. */
export async function fetchRounds(projectId: number, cursor: string | null): Promise<Page<ConsensusRound>> {
  const params = { path: { project_id: projectId }, query: from(cursor) };
  return page(await dataOf(client.GET("/api/v1/projects/{project_id}/quality/rounds/", { params })));
}

export function createRound(projectId: number, body: ConsensusRoundWrite): Promise<ConsensusRound> {
  return dataOf(
    client.POST("/api/v1/projects/{project_id}/quality/rounds/", { ...ofProject(projectId), body }),
  );
}

export function fetchRound(roundId: number): Promise<ConsensusRound> {
  return dataOf(client.GET("/api/v1/consensus-rounds/{round_id}/", ofRound(roundId)));
}

/** Waits for nobody any more who has not begun. */
export function closeRound(roundId: number): Promise<ConsensusRound> {
  return dataOf(client.POST("/api/v1/consensus-rounds/{round_id}/close/", ofRound(roundId)));
}

export async function fetchRoundImages(
  roundId: number,
  cursor: string | null,
): Promise<Page<ConsensusImage>> {
  const params = { path: { round_id: roundId }, query: from(cursor) };
  return page(await dataOf(client.GET("/api/v1/consensus-rounds/{round_id}/images/", { params })));
}

/** What each annotator submitted, how it agrees, and what a merge would make of it. */
export function fetchConsensusImage(id: number): Promise<ConsensusImageDetail> {
  return dataOf(client.GET("/api/v1/consensus-images/{consensus_image_id}/", ofImage(id)));
}

export function resolveImage(id: number, body: Resolve): Promise<ConsensusImageDetail> {
  return dataOf(
    client.POST("/api/v1/consensus-images/{consensus_image_id}/resolve/", { ...ofImage(id), body }),
  );
}

export function reopenImage(id: number): Promise<ConsensusImageDetail> {
  return dataOf(client.POST("/api/v1/consensus-images/{consensus_image_id}/reopen/", ofImage(id)));
}

/** How people's masks agree with others' and with the truth. */
export function fetchAgreement(projectId: number): Promise<PersonAgreement[]> {
  return dataOf(client.GET("/api/v1/projects/{project_id}/quality/agreement/", ofProject(projectId)));
}

export function fetchQualitySettings(projectId: number): Promise<QualitySettings> {
  return dataOf(client.GET("/api/v1/projects/{project_id}/quality/settings/", ofProject(projectId)));
}

/** One in `rate` images that an annotator asks for is one whose truth is known; 0 for none. */
export function setGroundTruthRate(projectId: number, rate: number): Promise<QualitySettings> {
  return dataOf(
    client.PATCH("/api/v1/projects/{project_id}/quality/settings/", {
      ...ofProject(projectId),
      body: { ground_truth_rate: rate },
    }),
  );
}

export async function fetchGroundTruths(
  projectId: number,
  cursor: string | null,
): Promise<Page<GroundTruth>> {
  const params = { path: { project_id: projectId }, query: from(cursor) };
  return page(await dataOf(client.GET("/api/v1/projects/{project_id}/quality/ground-truth/", { params })));
}

export function markGroundTruth(imageId: number): Promise<QualitySettings> {
  return dataOf(
    client.POST("/api/v1/images/{image_id}/ground-truth/", { params: { path: { image_id: imageId } } }),
  );
}

export function unmarkGroundTruth(imageId: number): Promise<void> {
  return done(
    client.DELETE("/api/v1/images/{image_id}/ground-truth/", { params: { path: { image_id: imageId } } }),
  );
}

/** What annotators reached on images whose truth is known, the newest first. */
export async function fetchScores(projectId: number, cursor: string | null): Promise<Page<GroundTruthScore>> {
  const params = { path: { project_id: projectId }, query: from(cursor) };
  return page(await dataOf(client.GET("/api/v1/projects/{project_id}/quality/scores/", { params })));
}

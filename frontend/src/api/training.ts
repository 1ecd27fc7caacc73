import { client, dataOf } from "./client";
import { cursorOf } from "./projects";
import type {
  ProjectModel,
  TrainingMaterial,
  TrainingRun,
  TrainingRunDetail,
  TrainingRunWrite,
} from "./types";

export interface TrainingRunPage {
  readonly runs: readonly TrainingRun[];
  readonly cursor: string | null;
}

const PAGE_SIZE = 20;
const ofProject = (projectId: number) => ({ params: { path: { project_id: projectId } } });
const ofRun = (runId: number) => ({ params: { path: { training_run_id: runId } } });

/** Retrainings that were started in a project, the newest first, from a cursor on. */
export async function fetchTrainingRuns(projectId: number, cursor: string | null): Promise<TrainingRunPage> {
  const query = { page_size: PAGE_SIZE, ...(cursor ? { cursor } : {}) };
  const page = await dataOf(
    client.GET("/api/v1/projects/{project_id}/training-runs/", {
      params: { path: { project_id: projectId }, query },
    }),
  );
  return { runs: page.results, cursor: cursorOf(page.next) };
}

/** One retraining with its curve. */
export function fetchTrainingRun(runId: number): Promise<TrainingRunDetail> {
  return dataOf(client.GET("/api/v1/training-runs/{training_run_id}/", ofRun(runId)));
}

/** Starts a retraining of the project's model. Throws `ApiError` `training.too_few`, `training.running`. */
export function startTraining(projectId: number, body: TrainingRunWrite): Promise<TrainingRunDetail> {
  return dataOf(
    client.POST("/api/v1/projects/{project_id}/training-runs/", { ...ofProject(projectId), body }),
  );
}

/** What a retraining that began now would be made of, with the accepted masks of other projects besides. */
export function fetchMaterial(projectId: number, others: readonly number[]): Promise<TrainingMaterial> {
  return dataOf(
    client.GET("/api/v1/projects/{project_id}/training-material/", {
      params: { path: { project_id: projectId }, query: { projects: [...others] } },
    }),
  );
}

/** Gives the project what came of a run. Throws `ApiError` `training.worse` unless it is better, or wanted all the same. */
export function promoteRun(runId: number, isWantedAnyway: boolean): Promise<ProjectModel> {
  return dataOf(
    client.POST("/api/v1/training-runs/{training_run_id}/promote/", {
      ...ofRun(runId),
      body: { even_if_worse: isWantedAnyway },
    }),
  );
}

/** A project's model, how far its images are with it, and the ones it had. */
export function fetchProjectModel(projectId: number): Promise<ProjectModel> {
  return dataOf(client.GET("/api/v1/projects/{project_id}/model/", ofProject(projectId)));
}

/** Gives a project the model it had before. */
export function rollBackModel(projectId: number): Promise<ProjectModel> {
  return dataOf(client.POST("/api/v1/projects/{project_id}/model/roll-back/", ofProject(projectId)));
}

import type { Scope } from "../api/dashboard";
import { fetchImage } from "../api/images";

/** The query cache's keys, all in one place so that invalidating finds what fetching stored. */
export const keys = {
  me: ["me"] as const,
  tokens: ["tokens"] as const,
  loginOptions: ["loginOptions"] as const,
  models: ["models"] as const,
  /** The words that a version of a model has learned. */
  vocabulary: (name: string, version: string) => ["vocabulary", name, version] as const,
  unread: ["unread"] as const,
  notifications: ["notifications"] as const,
  projects: ["projects"] as const,
  covers: ["covers"] as const,
  project: (id: number) => ["project", id] as const,
  images: (projectId: number) => ["images", projectId] as const,
  members: (projectId: number) => ["members", projectId] as const,
  invitations: (projectId: number) => ["invitations", projectId] as const,
  labels: (projectId: number) => ["labels", projectId] as const,
  tags: (projectId: number) => ["tags", projectId] as const,
  work: (projectId: number) => ["work", projectId] as const,
  imageOrder: (projectId: number) => ["imageOrder", projectId] as const,
  privacy: (projectId: number) => ["privacy", projectId] as const,
  proposals: (projectId: number) => ["proposals", projectId] as const,
  proposalRuns: (projectId: number) => ["proposalRuns", projectId] as const,
  proposalSheet: (projectId: number) => ["proposals", projectId, "sheet"] as const,
  proposalFigures: (projectId: number) => ["proposals", projectId, "figures"] as const,
  quality: (projectId: number) => ["quality", projectId] as const,
  /** The project's model and those it had. */
  projectModel: (projectId: number) => ["projectModel", projectId] as const,
  training: (projectId: number) => ["training", projectId] as const,
  trainingRuns: (projectId: number) => ["training", projectId, "runs"] as const,
  trainingRun: (projectId: number, runId: number) => ["training", projectId, "run", runId] as const,
  material: (projectId: number, others: readonly number[]) =>
    ["training", projectId, "material", ...others] as const,
  rounds: (projectId: number) => ["quality", projectId, "rounds"] as const,
  round: (projectId: number, roundId: number) => ["quality", projectId, "round", roundId] as const,
  roundImages: (projectId: number, roundId: number) =>
    ["quality", projectId, "roundImages", roundId] as const,
  checks: (projectId: number) => ["quality", projectId, "checks"] as const,
  check: (projectId: number, checkId: number) => ["quality", projectId, "check", checkId] as const,
  checkImages: (projectId: number, checkId: number) =>
    ["quality", projectId, "checkImages", checkId] as const,
  consensusImage: (projectId: number, id: number) => ["quality", projectId, "image", id] as const,
  agreement: (projectId: number) => ["quality", projectId, "agreement"] as const,
  qualitySettings: (projectId: number) => ["quality", projectId, "settings"] as const,
  groundTruths: (projectId: number) => ["quality", projectId, "groundTruths"] as const,
  scores: (projectId: number) => ["quality", projectId, "scores"] as const,
  fairness: (projectId: number) => ["fairness", projectId] as const,
  fairnessReports: (projectId: number) => ["fairness", projectId, "reports"] as const,
  fairnessGroups: (projectId: number, reportId: number, by: string, measured: number) =>
    ["fairness", projectId, "groups", reportId, by, measured] as const,
  evaluationTasks: ["evaluationTasks"] as const,
  evaluations: (projectId: number) => ["evaluations", projectId] as const,
  evaluationPages: (projectId: number) => ["evaluations", projectId, "pages"] as const,
  evaluation: (projectId: number, id: number) => ["evaluations", projectId, "one", id] as const,
  /** The page that came of an evaluation, which never changes. */
  reportPage: (url: string) => ["reportPage", url] as const,
  /** The work on an image, asked for by a sign of life. */
  lease: (imageId: number) => ["lease", imageId] as const,
  jobs: ["jobs"] as const,
  job: (id: string) => ["job", id] as const,
  embeddings: (projectId: number) => ["embeddings", projectId] as const,
  queue: ["queue"] as const,
  dashboard: (scope: Scope) => ["dashboard", scope] as const,
  formats: ["formats"] as const,
  place: (projectId: number, path: string) => ["place", projectId, path] as const,
  audit: (projectId: number) => ["audit", projectId] as const,
  webhooks: (projectId: number) => ["webhooks", projectId] as const,
  deliveries: (webhookId: number) => ["deliveries", webhookId] as const,
  maskHistory: (maskId: string) => ["maskHistory", maskId] as const,
  maskRevision: (maskId: string, revision: number) => ["maskRevision", maskId, revision] as const,
  similar: (maskId: string) => ["similar", maskId] as const,
  deletedMasks: (imageId: number) => ["deletedMasks", imageId] as const,
  /** Of all images, as they are opened. */
  openImages: ["image"] as const,
  image: (id: number) => ["image", id] as const,
  threads: (imageId: number) => ["threads", imageId] as const,
  masks: (imageId: number) => ["masks", imageId] as const,
  /** Masks read before their image is opened: shown until they are read again. */
  masksAhead: (imageId: number) => ["masksAhead", imageId] as const,
};

/** An image with its neighbours, as the annotator reads it. */
export function imageQuery(id: number) {
  return { queryKey: keys.image(id), queryFn: () => fetchImage(id) };
}

import type { DecoderOutput } from "../sam/candidates";
import { modelKey } from "../sam/manifest";
import { describeFailure } from "./errors";
import type { CheckResult, ModelFiles } from "./protocol";
import {
  judgeRungs,
  RUNG_NAMES,
  threadCounts,
  type Capabilities,
  type Rung,
  type RungVerdict,
} from "./rungs";
import type { WorkerClient } from "./workerClient";

/** One rung tried with a model: how it went, and the worker if it is worth keeping. */
export interface Trial {
  readonly rung: Rung;
  readonly threads: number;
  readonly verdict: RungVerdict;
  readonly loadMs: number | null;
  readonly decodeMs: number | null;
  readonly prepareMs: number | null;
  readonly output: DecoderOutput | null;
}

export interface StandingWorker {
  readonly rung: Rung;
  readonly client: WorkerClient;
  readonly trial: Trial;
}

export type SpawnWorker = () => WorkerClient;

const CHECK_RUNS = 5;
/**
 * Largest difference between two rungs that counts as agreement: of logits as a share of their spread, of predicted IoUs,
 * which run from 0 to 1, as it is.
 */
const AGREEMENT = 0.02;

const UNCHECKED = "There is no answer of this browser to check it against.";

export async function askCapabilities(spawn: SpawnWorker): Promise<Capabilities> {
  const client = spawn();
  try {
    return await client.ask("capabilities", null);
  } finally {
    client.terminate();
  }
}

/** A way to decode that can be tried: a rung with so many threads. */
export interface Way {
  readonly verdict: RungVerdict;
  readonly threads: number;
}

/** The ways that start at once if they start at all, in the order in which to stand on them. */
export function standingWays(capabilities: Capabilities): Way[] {
  const verdicts = judgeRungs(capabilities).filter((verdict) => verdict.isAvailable);
  const order: Rung[] = ["wasm", "server"];
  return order.flatMap((rung) =>
    verdicts.filter((verdict) => verdict.rung === rung).map((verdict) => ({ verdict, threads: 1 })),
  );
}

/** The ways that must prove faster than the one in use, in the order in which to try them. */
export function challengingWays(capabilities: Capabilities): Way[] {
  return judgeRungs(capabilities)
    .filter((verdict) => verdict.isAvailable)
    .flatMap((verdict) => waysOf(verdict, capabilities))
    .filter(({ verdict }) => verdict.rung === "wasm-threads" || verdict.rung === "webgpu")
    .reverse();
}

/** A rung with each number of threads worth trying, most first. */
export function waysOf(verdict: RungVerdict, { cores }: Capabilities): Way[] {
  const counts = verdict.rung === "wasm-threads" ? threadCounts(cores).reverse() : [1];
  return counts.map((threads) => ({ verdict, threads }));
}

/**
 * Starts a fresh worker on a rung with some models, decodes with the first to warm it up, and times it. onnxruntime
 * cannot be restarted inside a worker, so a rung that fails takes its worker with it and the caller goes on to the next.
 */
export async function tryRung(
  spawn: SpawnWorker,
  { verdict, threads }: Way,
  models: readonly ModelFiles[],
): Promise<{ trial: Trial; client: WorkerClient | null }> {
  const { rung } = verdict;
  const nothing = { rung, threads, verdict, loadMs: null, decodeMs: null, prepareMs: null, output: null };
  const client = spawn();
  const started = performance.now();
  try {
    await client.ask("start", { rung, threads });
    for (const files of models)
      await client.ask("load", rung === "server" ? { ...files, graphs: null } : files);
    const loadMs = performance.now() - started;
    const [first] = models;
    if (rung === "server" || !first) return { trial: { ...nothing, loadMs }, client };
    const check = await timeWorker(client, first);
    return { trial: { ...nothing, loadMs, ...timesOf(check) }, client };
  } catch (error) {
    client.terminate();
    const { message } = describeFailure(error);
    const failed: RungVerdict = { rung, isAvailable: false, reason: `It did not start: ${message}` };
    return { trial: { ...nothing, verdict: failed }, client: null };
  }
}

/** Times a worker that stands, so that what it is compared with meets the same machine. */
export async function timeAgain(standing: StandingWorker, files: ModelFiles): Promise<Trial> {
  if (standing.rung === "server") return standing.trial;
  return { ...standing.trial, ...timesOf(await timeWorker(standing.client, files)) };
}

function timeWorker(client: WorkerClient, files: ModelFiles): Promise<CheckResult> {
  return client.ask("check", { model: modelKey(files.manifest), runs: CHECK_RUNS });
}

function timesOf({ medianMs, prepareMs, output }: CheckResult) {
  return { decodeMs: medianMs, prepareMs, output };
}

/** The first of some ways that starts; the server rung always does. `notes` gets what failed on the way. */
export async function standOnLadder(
  spawn: SpawnWorker,
  ways: readonly Way[],
  models: readonly ModelFiles[],
  notes: Trial[],
): Promise<StandingWorker> {
  for (const way of ways) {
    const { trial, client } = await tryRung(spawn, way, models);
    if (client) return { rung: way.verdict.rung, client, trial };
    notes.push(trial);
  }
  throw new Error("The server rung did not start; no worker can run in this browser.");
}

/** A challenger is taken only when its answer agrees with the one in use and comes sooner. */
export function compareTrials(challenger: Trial, standing: Trial): { isBetter: boolean; reason: string } {
  if (!challenger.output || challenger.decodeMs === null) {
    return { isBetter: false, reason: challenger.verdict.reason };
  }
  if (!standing.output || standing.decodeMs === null) return { isBetter: false, reason: UNCHECKED };
  const deviation = deviationOf(challenger.output, standing.output);
  if (deviation !== null) return { isBetter: false, reason: deviation };
  const threads = standing.threads > 1 ? `${standing.threads} threads` : RUNG_NAMES[standing.rung];
  const times = `${challenger.decodeMs.toFixed(0)} ms against ${standing.decodeMs.toFixed(0)} ms (${threads})`;
  return challenger.decodeMs < standing.decodeMs
    ? { isBetter: true, reason: `Its masks agree and it is faster: ${times}.` }
    : { isBetter: false, reason: `Its masks agree and it is slower: ${times}.` };
}

/**
 * How a worker's answers with one more model differ from WebAssembly's; null where they agree. Only WebGPU computes in
 * another way: threads run the same kernels.
 */
export async function deviationWith(
  spawn: SpawnWorker,
  { client, rung }: Pick<StandingWorker, "client" | "rung">,
  capabilities: Capabilities,
  files: ModelFiles,
): Promise<string | null> {
  if (rung !== "webgpu") return null;
  const [way] = standingWays(capabilities);
  if (way?.verdict.rung !== "wasm") return UNCHECKED;
  const reference = await tryRung(spawn, way, [files]);
  reference.client?.terminate();
  if (!reference.trial.output) return UNCHECKED;
  const { output } = await client.ask("check", { model: modelKey(files.manifest), runs: 1 });
  return deviationOf(output, reference.trial.output);
}

function deviationOf(output: DecoderOutput, reference: DecoderOutput): string | null {
  const masks = relativeDifference(output.lowResMasks, reference.lowResMasks);
  if (!(masks <= AGREEMENT))
    return `Its masks differ from those in use by ${percent(masks)} of their spread.`;
  const scores = largestDifference(output.iouPredictions, reference.iouPredictions);
  if (!(scores <= AGREEMENT)) return `Its predicted IoUs differ from those in use by ${scores.toFixed(3)}.`;
  return null;
}

/** Largest absolute difference divided by the reference's standard deviation; infinite for NaN. */
export function relativeDifference(values: Float32Array, reference: Float32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of reference) {
    sum += value;
    squares += value ** 2;
  }
  const mean = sum / reference.length;
  const deviation = Math.sqrt(Math.max(0, squares / reference.length - mean ** 2));
  return largestDifference(values, reference) / (deviation || 1);
}

/** Infinite for NaN or another length. */
function largestDifference(values: Float32Array, reference: Float32Array): number {
  if (values.length !== reference.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const difference = Math.abs(values[i]! - reference[i]!);
    if (Number.isNaN(difference)) return Infinity;
    largest = Math.max(largest, difference);
  }
  return largest;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

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
/** Largest difference of logits between two rungs, as a share of the logits' spread, that counts as agreement. */
const AGREEMENT = 0.02;

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
  if (!standing.output || standing.decodeMs === null) {
    return { isBetter: false, reason: "There is no answer of this browser to check it against." };
  }
  const difference = relativeDifference(challenger.output.lowResMasks, standing.output.lowResMasks);
  if (!(difference <= AGREEMENT)) {
    return {
      isBetter: false,
      reason: `Its masks differ from those in use by ${percent(difference)} of their spread.`,
    };
  }
  const threads = standing.threads > 1 ? `${standing.threads} threads` : RUNG_NAMES[standing.rung];
  const times = `${challenger.decodeMs.toFixed(0)} ms against ${standing.decodeMs.toFixed(0)} ms (${threads})`;
  return challenger.decodeMs < standing.decodeMs
    ? { isBetter: true, reason: `Its masks agree and it is faster: ${times}.` }
    : { isBetter: false, reason: `Its masks agree and it is slower: ${times}.` };
}

/** Largest absolute difference divided by the reference's standard deviation; infinite for NaN. */
export function relativeDifference(values: Float32Array, reference: Float32Array): number {
  if (values.length !== reference.length) return Infinity;
  let [sum, squares, largest] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    sum += reference[i]!;
    squares += reference[i]! ** 2;
    const difference = Math.abs(values[i]! - reference[i]!);
    if (Number.isNaN(difference)) return Infinity;
    largest = Math.max(largest, difference);
  }
  const mean = sum / reference.length;
  const deviation = Math.sqrt(Math.max(0, squares / reference.length - mean ** 2));
  return largest / (deviation || 1);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

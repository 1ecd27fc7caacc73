import type { DecoderOutput } from "../sam/candidates";
import { modelKey } from "../sam/manifest";
import { describeFailure } from "./errors";
import type { ModelFiles } from "./protocol";
import { judgeRungs, type Capabilities, type Rung, type RungVerdict } from "./rungs";
import type { WorkerClient } from "./workerClient";

/** One rung tried with a model: how it went, and the worker if it is worth keeping. */
export interface Trial {
  readonly rung: Rung;
  readonly verdict: RungVerdict;
  readonly loadMs: number | null;
  readonly decodeMs: number | null;
  readonly output: DecoderOutput | null;
}

export interface StandingWorker {
  readonly rung: Rung;
  readonly client: WorkerClient;
  readonly trial: Trial;
}

export type SpawnWorker = () => WorkerClient;

const CHECK_RUNS = 3;
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

/**
 * Starts a fresh worker on a rung with a model and decodes once to warm it up. onnxruntime cannot be restarted
 * inside a worker, so a rung that fails takes its worker with it and the caller goes on to the next.
 */
export async function tryRung(
  spawn: SpawnWorker,
  verdict: RungVerdict,
  files: ModelFiles,
): Promise<{ trial: Trial; client: WorkerClient | null }> {
  const { rung } = verdict;
  const client = spawn();
  const started = performance.now();
  try {
    await client.ask("start", { rung });
    await client.ask("load", rung === "server" ? { ...files, decoder: null } : files);
    const loadMs = performance.now() - started;
    if (rung === "server") return { trial: { rung, verdict, loadMs, decodeMs: null, output: null }, client };
    const check = await client.ask("check", { model: modelKey(files.manifest), runs: CHECK_RUNS });
    return { trial: { rung, verdict, loadMs, decodeMs: check.medianMs, output: check.output }, client };
  } catch (error) {
    client.terminate();
    const { message } = describeFailure(error);
    const failed: RungVerdict = { rung, isAvailable: false, reason: `It did not start: ${message}` };
    return { trial: { rung, verdict: failed, loadMs: null, decodeMs: null, output: null }, client: null };
  }
}

/** The best rung below WebGPU that starts; the server rung always does. `notes` gets what failed on the way. */
export async function standOnLadder(
  spawn: SpawnWorker,
  capabilities: Capabilities,
  files: ModelFiles,
  notes: Trial[],
): Promise<StandingWorker> {
  for (const verdict of judgeRungs(capabilities)) {
    if (verdict.rung === "webgpu" || !verdict.isAvailable) continue;
    const { trial, client } = await tryRung(spawn, verdict, files);
    if (client) return { rung: verdict.rung, client, trial };
    notes.push(trial);
  }
  throw new Error("The server rung did not start; no worker can run in this browser.");
}

/** WebGPU is taken only when its answer agrees with the one in use and comes sooner. */
export function compareTrials(challenger: Trial, standing: Trial): { isBetter: boolean; reason: string } {
  if (!challenger.output || challenger.decodeMs === null) {
    return { isBetter: false, reason: challenger.verdict.reason };
  }
  if (!standing.output || standing.decodeMs === null) {
    return { isBetter: false, reason: "There is no WebAssembly answer to check it against." };
  }
  const difference = relativeDifference(challenger.output.lowResMasks, standing.output.lowResMasks);
  if (!(difference <= AGREEMENT)) {
    return {
      isBetter: false,
      reason: `Its masks differ from WebAssembly's by ${percent(difference)} of their spread.`,
    };
  }
  const times = `${challenger.decodeMs.toFixed(0)} ms against ${standing.decodeMs.toFixed(0)} ms`;
  return challenger.decodeMs < standing.decodeMs
    ? { isBetter: true, reason: `It agrees with WebAssembly and is faster: ${times}.` }
    : { isBetter: false, reason: `It agrees with WebAssembly and is slower: ${times}.` };
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

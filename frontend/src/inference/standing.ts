import { Listeners } from "../common/listeners";
import { modelKey } from "../sam/manifest";
import { describeFailure, InferenceError } from "./errors";
import {
  askCapabilities,
  challengingWays,
  compareTrials,
  deviationWith,
  standingWays,
  standOnLadder,
  timeAgain,
  tryRung,
  type SpawnWorker,
  type StandingWorker,
  type Trial,
  type Way,
} from "./ladder";
import type { ModelFiles, OpenImage, QuestionName, Questions } from "./protocol";
import { judgeRungs, type Capabilities, type Rung } from "./rungs";
import type { WorkerClient } from "./workerClient";

/** The rung in use and the story of how it was chosen. */
export type RungState =
  | { readonly kind: "starting" }
  | {
      readonly kind: "ready";
      readonly rung: Rung;
      readonly threads: number;
      readonly decodeMs: number | null;
      readonly trials: readonly Trial[];
    };

/** What a rung answers that cannot go on: out of memory, a lost adapter, a dead worker. Anything else is the question's. */
const FAULTS: readonly string[] = ["decoder.failed", "decoder.worker_failed"];

/**
 * The worker in use. It changes: a better rung takes over as soon as one has proved itself, and when the one in use
 * fails, the next below stands in for it. Whoever asks notices nothing but that images may be gone (`image.not_open`).
 */
export class StandingDecoder {
  private capabilities: Promise<Capabilities> | null = null;
  private standing: Promise<StandingWorker> | null = null;
  private readonly models = new Map<string, ModelFiles>();
  /** Rungs that failed in use; they are not tried again before the page is loaded anew. */
  private readonly fallen = new Set<Rung>();
  private readonly trials: Trial[] = [];
  private readonly listeners = new Listeners();
  readonly subscribe = this.listeners.subscribe;
  private state: RungState = { kind: "starting" };

  constructor(
    private readonly spawn: SpawnWorker,
    /** What a worker that takes over is to hold, beside the models. */
    private readonly openImages: () => OpenImage[],
  ) {}

  getState = (): RungState => this.state;

  measure(): Promise<Capabilities> {
    this.capabilities ??= askCapabilities(this.spawn);
    return this.capabilities;
  }

  /** Whether decoding happens here, so that the decoder's files and the embeddings are needed at all. */
  async needsFiles(): Promise<boolean> {
    // Nothing takes over from the server.
    if (this.state.kind === "ready" && this.state.rung === "server") return false;
    const verdicts = judgeRungs(await this.measure());
    return verdicts.some((verdict) => verdict.rung !== "server" && verdict.isAvailable);
  }

  hasModel(key: string): boolean {
    return this.models.has(key);
  }

  /** Loads a model; the first one also chooses the rung. */
  async load(files: ModelFiles): Promise<void> {
    const key = modelKey(files.manifest);
    this.models.set(key, files);
    try {
      if (this.standing) {
        await this.ask("load", files);
        await this.prove(files);
      } else await this.stand(files);
    } catch (error) {
      this.models.delete(key);
      throw error;
    }
  }

  /** Asks the worker in use, and the one that follows it where it is stopped or fails before it has answered. */
  async ask<N extends QuestionName>(
    name: N,
    question: Questions[N]["question"],
  ): Promise<Questions[N]["answer"]> {
    const asked = this.standing;
    if (!asked) throw new InferenceError("model.not_loaded", "No model has been loaded.");
    const { client, rung } = await asked;
    try {
      return await client.ask(name, question);
    } catch (error) {
      const { code } = describeFailure(error);
      if (this.standing === asked) {
        if (!FAULTS.includes(code) || rung === "server") throw error;
        this.descend(await asked, failedInUse(error));
      } else if (code !== "decoder.stopped" && !FAULTS.includes(code)) throw error;
    }
    return this.ask(name, question);
  }

  private async stand(files: ModelFiles): Promise<void> {
    const standing = this.standFirst(files);
    this.standing = standing;
    // A ladder nobody could stand on is tried again with the next model.
    standing.catch(() => (this.standing = null));
    await standing;
  }

  private async standFirst(files: ModelFiles): Promise<StandingWorker> {
    const capabilities = await this.measure();
    const standing = await standOnLadder(this.spawn, standingWays(capabilities), [files], this.trials);
    this.settle(standing);
    void this.challenge(challengingWays(capabilities), files);
    return standing;
  }

  /** Tries other ways beside the worker in use, one after the other, and lets a better one take over. */
  private async challenge(ways: Way[], files: ModelFiles): Promise<void> {
    for (const way of ways) {
      if (this.fallen.has(way.verdict.rung)) continue;
      const { trial, client } = await tryRung(this.spawn, way, [files]);
      try {
        const challenged = this.standing;
        if (!challenged) throw new InferenceError("model.not_loaded", "There is nothing to compare with.");
        const { isBetter, reason } = compareTrials(trial, await timeAgain(await challenged, files));
        const judged: Trial = { ...trial, verdict: { ...trial.verdict, isAvailable: isBetter, reason } };
        if (client && isBetter)
          await this.takeOver(challenged, { rung: trial.rung, client, trial: judged }, files);
        else this.dismiss(judged, client);
      } catch {
        client?.terminate();
      }
    }
  }

  private dismiss(trial: Trial, client: WorkerClient | null): void {
    client?.terminate();
    this.trials.push(trial);
    this.notify();
  }

  private async takeOver(
    challenged: Promise<StandingWorker>,
    next: StandingWorker,
    judgedWith: ModelFiles,
  ): Promise<void> {
    const handed = new Set([judgedWith]);
    const capabilities = await this.measure();
    /** Returns how it differs with one of them; null where it agrees with all. */
    const handModels = async (): Promise<string | null> => {
      for (const model of this.models.values()) {
        if (handed.has(model)) continue;
        await next.client.ask("load", model);
        const deviation = await deviationWith(this.spawn, next, capabilities, model);
        if (deviation !== null) return deviation;
        handed.add(model);
      }
      return null;
    };
    let deviation = await handModels();
    for (const image of deviation === null ? this.openImages() : []) await next.client.ask("open", image);
    // Those that were loaded meanwhile; an image opened meanwhile is handed over when it is asked for.
    deviation ??= await handModels();
    if (deviation !== null) {
      const verdict = { rung: next.rung, isAvailable: false, reason: deviation };
      this.dismiss({ ...next.trial, verdict }, next.client);
      return;
    }
    // The one in use may have failed and been followed meanwhile: another judgement than this one's.
    if (this.standing !== challenged) {
      next.client.terminate();
      return;
    }
    this.standing = Promise.resolve(next);
    this.settle(next);
    (await challenged).client.terminate();
  }

  /**
   * Checks one more model on the rung in use. One worker stands for all models: a rung that is wrong with this one is left
   * for good, and the fastest of the others is looked for anew.
   */
  private async prove(files: ModelFiles): Promise<void> {
    const asked = this.standing!;
    const standing = await asked;
    const capabilities = await this.measure();
    const deviation = await deviationWith(this.spawn, standing, capabilities, files).catch(failedInUse);
    // It may have been followed meanwhile: by one that needs no proof.
    if (deviation === null || this.standing !== asked) return;
    this.descend(standing, deviation);
    await this.standing;
    void this.challenge(challengingWays(capabilities), files);
  }

  /** Lets the next rung below stand in for one that failed in use. */
  private descend(failed: StandingWorker, reason: string): void {
    this.fallen.add(failed.rung);
    this.trials.push({ ...failed.trial, verdict: { rung: failed.rung, isAvailable: false, reason } });
    this.standing = this.standBelow();
    // Told to whoever asks.
    this.standing.catch(() => undefined);
    failed.client.terminate();
  }

  private async standBelow(): Promise<StandingWorker> {
    const ways = standingWays(await this.measure()).filter(({ verdict }) => !this.fallen.has(verdict.rung));
    const standing = await standOnLadder(this.spawn, ways, [...this.models.values()], this.trials);
    this.settle(standing);
    return standing;
  }

  private settle(standing: StandingWorker): void {
    this.trials.push(standing.trial);
    this.state = {
      kind: "ready",
      rung: standing.rung,
      threads: standing.trial.threads,
      decodeMs: standing.trial.decodeMs,
      trials: [...this.trials],
    };
    this.notify();
  }

  private notify(): void {
    if (this.state.kind === "ready") this.state = { ...this.state, trials: [...this.trials] };
    this.listeners.tell();
  }
}

function failedInUse(error: unknown): string {
  return `It failed in use: ${describeFailure(error).message}`;
}

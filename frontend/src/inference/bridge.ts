import { modelKey } from "../sam/manifest";
import { InferenceError, SupersededError } from "./errors";
import {
  askCapabilities,
  challengingWays,
  compareTrials,
  standOnLadder,
  timeAgain,
  tryRung,
  type SpawnWorker,
  type StandingWorker,
  type Trial,
  type Way,
} from "./ladder";
import { LatestWins } from "./latestWins";
import type { Decoded, DecodeRequest, ModelFiles, OpenImage } from "./protocol";
import { judgeRungs, type Capabilities, type Rung } from "./rungs";
import type { WorkerClient } from "./workerClient";

const HOVER = 0;
const CLICK = 1;
/**
 * Images kept open, with their embeddings as they came, to hand them to another worker when the rung changes: the one
 * being annotated, the one left, and three prepared ahead. No more than the worker has room for (`engine.ts`).
 */
const IMAGES_KEPT = 5;

interface KeptImage {
  readonly image: OpenImage;
  readonly opened: Promise<unknown>;
}

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

/**
 * The page's door to the decoder. One worker stands at a time: WebAssembly with one thread first, so that work can
 * begin, then more threads or WebGPU in its place if they prove faster on this machine meanwhile.
 */
export class DecoderBridge {
  private capabilities: Promise<Capabilities> | null = null;
  private standing: Promise<StandingWorker> | null = null;
  private readonly models = new Map<string, ModelFiles>();
  private readonly loading = new Map<string, Promise<void>>();
  private readonly images = new Map<string, KeptImage>();
  private readonly trials: Trial[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly lane = new LatestWins((request: DecodeRequest) => this.decodeNow(request));
  private state: RungState = { kind: "starting" };
  private lastAskedAt = -Infinity;

  constructor(private readonly spawn: SpawnWorker) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getRungState = (): RungState => this.state;

  measure(): Promise<Capabilities> {
    this.capabilities ??= askCapabilities(this.spawn);
    return this.capabilities;
  }

  /** Whether decoding happens here, so that the decoder's files and the embeddings are needed at all. */
  async needsFiles(): Promise<boolean> {
    const verdicts = judgeRungs(await this.measure());
    return verdicts.some((verdict) => verdict.rung !== "server" && verdict.isAvailable);
  }

  hasModel(model: { readonly name: string; readonly version: string }): boolean {
    return this.models.has(modelKey(model));
  }

  /** Resolves when the rung is chosen and the models asked for are loaded. */
  async settled(): Promise<void> {
    await Promise.all(this.loading.values());
  }

  /** Makes a model ready; the first one also chooses the rung. A model already loaded costs nothing. */
  load(files: ModelFiles): Promise<void> {
    const key = modelKey(files.manifest);
    let loading = this.loading.get(key);
    if (!loading) {
      this.models.set(key, files);
      loading = this.loadNow(files);
      this.loading.set(key, loading);
      loading.catch(() => {
        this.loading.delete(key);
        this.models.delete(key);
      });
    }
    return loading;
  }

  private async loadNow(files: ModelFiles): Promise<void> {
    if (this.standing) {
      await (await this.standing).client.ask("load", files);
      return;
    }
    this.standing = this.stand(files);
    // A ladder nobody could stand on is tried again with the next model.
    this.standing.catch(() => (this.standing = null));
    await this.standing;
  }

  /** Whether an image is open already, for a model: opening it costs nothing then. */
  isOpen(key: string, model: string): boolean {
    return this.images.get(key)?.image.model === model;
  }

  /** Whether no mask was asked for within so many milliseconds: time for what would stand in its way. */
  isQuietSince(milliseconds: number): boolean {
    return performance.now() - this.lastAskedAt >= milliseconds;
  }

  /** Hands an image's embedding to the worker, unless it is open. Its model must have been loaded. */
  async open(image: OpenImage): Promise<void> {
    if (this.keepOpen(image.key, image.model)) {
      await this.images.get(image.key)!.opened;
      return;
    }
    const opened = this.openNow(image);
    this.images.delete(image.key);
    this.images.set(image.key, { image, opened });
    for (const key of this.images.keys()) {
      if (this.images.size <= IMAGES_KEPT) break;
      this.images.delete(key);
    }
    try {
      await opened;
    } catch (error) {
      if (this.images.get(image.key)?.opened === opened) this.images.delete(image.key);
      throw error;
    }
  }

  private async openNow(image: OpenImage): Promise<void> {
    const { client } = await this.worker();
    try {
      await client.ask("open", image);
    } catch (error) {
      if (codeOf(error) !== "decoder.stopped") throw error;
      await (await this.worker()).client.ask("open", image);
    }
  }

  /** Makes an open image the one that is given up last. Returns whether it is open. */
  keepOpen(key: string, model: string): boolean {
    const kept = this.images.get(key);
    if (kept?.image.model !== model) return false;
    this.images.delete(key);
    this.images.set(key, kept);
    return true;
  }

  /** The best mask under the pointer. Rejects with `SupersededError` as soon as a newer request exists. */
  hover(request: Omit<DecodeRequest, "wanted">, signal?: AbortSignal): Promise<Decoded> {
    return this.ask({ ...request, wanted: "best" }, HOVER, signal);
  }

  /** All candidates for the prompts; goes before any hover, gives way only to a newer click. */
  decode(request: Omit<DecodeRequest, "wanted">, signal?: AbortSignal): Promise<Decoded> {
    return this.ask({ ...request, wanted: "all" }, CLICK, signal);
  }

  private ask(request: DecodeRequest, priority: number, signal?: AbortSignal): Promise<Decoded> {
    this.lastAskedAt = performance.now();
    return this.lane.request(request, priority, signal);
  }

  /**
   * An answer nobody waits for: asked only while no hover and no click is on its way, one at a time, so that those
   * wait for one decode at most. Rejects with `SupersededError` when aborted.
   */
  async decodeIdly(request: DecodeRequest, signal: AbortSignal): Promise<Decoded> {
    const goOn = () => {
      if (signal.aborted) throw new SupersededError();
    };
    await this.lane.whenIdle();
    goOn();
    const decoded = await this.decodeNow(request);
    goOn();
    return decoded;
  }

  private async decodeNow(request: DecodeRequest): Promise<Decoded> {
    // One that is still being opened is worth waiting for; why it failed is told to whoever opened it.
    const kept = this.images.get(request.image);
    // What is in use is given up last, however many others are opened beside it.
    if (kept) this.keepOpen(request.image, kept.image.model);
    await kept?.opened.catch(() => undefined);
    const { client } = await this.worker();
    try {
      return await client.ask("decode", request);
    } catch (error) {
      const code = codeOf(error);
      const image = this.images.get(request.image)?.image;
      // A better rung took over while this ran: ask it instead.
      if (code === "decoder.stopped") return (await this.worker()).client.ask("decode", request);
      // The worker keeps few embeddings; one that had to go is handed over again.
      if (code !== "image.not_open" || !image) throw error;
      await client.ask("open", image);
      return client.ask("decode", request);
    }
  }

  private worker(): Promise<StandingWorker> {
    return (
      this.standing ?? Promise.reject(new InferenceError("model.not_loaded", "No model has been loaded."))
    );
  }

  private async stand(files: ModelFiles): Promise<StandingWorker> {
    const capabilities = await this.measure();
    const standing = await standOnLadder(this.spawn, capabilities, files, this.trials);
    this.settle(standing);
    void this.challenge(standing, challengingWays(capabilities), files);
    return standing;
  }

  /** Tries other ways beside the worker in use, one after the other, and lets a better one take over. */
  private async challenge(first: StandingWorker, ways: Way[], files: ModelFiles): Promise<void> {
    let standing = first;
    for (const way of ways) {
      const { trial, client } = await tryRung(this.spawn, way, files);
      try {
        const { isBetter, reason } = compareTrials(trial, await timeAgain(standing, files));
        const judged: Trial = { ...trial, verdict: { ...trial.verdict, isAvailable: isBetter, reason } };
        if (client && isBetter)
          standing = await this.takeOver(standing, { rung: trial.rung, client, trial: judged });
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

  private async takeOver(standing: StandingWorker, next: StandingWorker): Promise<StandingWorker> {
    for (const model of this.models.values()) await next.client.ask("load", model);
    for (const { image } of this.images.values()) await next.client.ask("open", image);
    this.standing = Promise.resolve(next);
    this.settle(next);
    standing.client.terminate();
    return next;
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
    for (const listener of this.listeners) listener();
  }
}

function codeOf(error: unknown): string {
  return error instanceof InferenceError ? error.code : "";
}

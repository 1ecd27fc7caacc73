import { modelKey } from "../sam/manifest";
import { InferenceError, SupersededError } from "./errors";
import type { SpawnWorker } from "./ladder";
import { LatestWins } from "./latestWins";
import type { Decoded, DecodeRequest, ModelFiles, OpenImage, Questions, ReadRequest } from "./protocol";
import { RUNGS, type Capabilities } from "./rungs";
import { StandingDecoder, type RungState } from "./standing";

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
  /** Whether `opened` has come true. */
  isOpen: boolean;
}

/**
 * The page's door to the decoder. One worker stands at a time: WebAssembly with one thread first, so that work can
 * begin, then more threads or WebGPU in its place if they prove faster on this machine meanwhile.
 */
export class DecoderBridge {
  private readonly standing: StandingDecoder;
  private readonly loading = new Map<string, Promise<void>>();
  private readonly images = new Map<string, KeptImage>();
  private readonly lane = new LatestWins((request: DecodeRequest) => this.decodeNow(request));
  private lastAskedAt = -Infinity;

  constructor(spawn: SpawnWorker) {
    // A list of its own: touching an image moves it to the map's end, and walking the map would never end.
    this.standing = new StandingDecoder(spawn, () => [...this.images.values()].map(({ image }) => image));
  }

  subscribe = (listener: () => void): (() => void) => this.standing.subscribe(listener);

  getRungState = (): RungState => this.standing.getState();

  measure(): Promise<Capabilities> {
    return this.standing.measure();
  }

  /** Whether decoding happens here, so that the decoder's files and the embeddings are needed at all. */
  needsFiles(): Promise<boolean> {
    return this.standing.needsFiles();
  }

  hasModel(model: { readonly name: string; readonly version: string }): boolean {
    return this.standing.hasModel(modelKey(model));
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
      loading = this.standing.load(files);
      this.loading.set(key, loading);
      loading.catch(() => this.loading.delete(key));
    }
    return loading;
  }

  /** Whether an image is open already, for a model: opening it costs nothing then. */
  isOpen(key: string, model: string): boolean {
    const kept = this.images.get(key);
    return kept?.image.model === model && kept.isOpen;
  }

  /** Whether no mask was asked for within so many milliseconds: time for what would stand in its way. */
  isQuietSince(milliseconds: number): boolean {
    return performance.now() - this.lastAskedAt >= milliseconds;
  }

  /** Hands an image's embedding to the worker, unless it is open. Its model must have been loaded. */
  async open(image: OpenImage): Promise<void> {
    const opening = this.keepOpen(image.key, image.model);
    if (opening) return opening;
    const opened = this.standing.ask("open", image);
    const kept: KeptImage = { image, opened, isOpen: false };
    this.touch(kept);
    for (const key of this.images.keys()) {
      if (this.images.size <= IMAGES_KEPT) break;
      this.images.delete(key);
    }
    try {
      await opened;
      kept.isOpen = true;
    } catch (error) {
      if (this.images.get(image.key) === kept) this.images.delete(image.key);
      throw error;
    }
  }

  /**
   * Makes an image that is open, or that somebody is opening, the one that is given up last. Null where it is neither;
   * else it resolves when the image is open, and rejects when that fails: then it can be opened again.
   */
  keepOpen(key: string, model: string): Promise<void> | null {
    const kept = this.images.get(key);
    if (kept?.image.model !== model) return null;
    this.touch(kept);
    return kept.opened.then(() => undefined);
  }

  private touch(kept: KeptImage): void {
    this.images.delete(kept.image.key);
    this.images.set(kept.image.key, kept);
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

  /**
   * What was decoded elsewhere, as this decoder's own answer. Rejects with `InferenceError` `image.not_open` where the image
   * is not open for the model that answered.
   */
  read(request: ReadRequest): Promise<Decoded> {
    this.lastAskedAt = performance.now();
    return this.askOpen("read", request.image, (image) => {
      if (image && image.model !== request.model)
        throw new InferenceError("image.not_open", "The image is open for another model by now.");
      return request;
    });
  }

  private decodeNow(request: DecodeRequest): Promise<Decoded> {
    return this.askOpen("decode", request.image, (image) => ({
      ...request,
      ...(image ? { model: image.model } : {}),
    }));
  }

  /** Asks the worker about an image that is open, or being opened. */
  private async askOpen<N extends "decode" | "read">(
    name: N,
    key: string,
    question: (image: OpenImage | undefined) => Questions[N]["question"],
  ): Promise<Decoded> {
    // One that is still being opened is worth waiting for; why it failed is told to whoever opened it.
    const kept = this.images.get(key);
    // What is in use is given up last, however many others are opened beside it.
    if (kept) this.touch(kept);
    await kept?.opened.catch(() => undefined);
    // The worker keeps few embeddings, and one that stands in for another has none, or those of a model of before: what
    // is missing is handed over again.
    for (let handed = 0; ; handed++) {
      const image = this.images.get(key)?.image;
      const asked = question(image);
      try {
        return await this.standing.ask(name, asked);
      } catch (error) {
        if (codeOf(error) !== "image.not_open" || !image || handed === RUNGS.length) throw error;
        await this.standing.ask("open", image);
      }
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof InferenceError ? error.code : "";
}

import { modelFrame } from "../geometry/frames";
import { imagePoint } from "../geometry/points";
import { upsampleToRle } from "../masks/upsample";
import { readCandidates, type DecoderOutput } from "../sam/candidates";
import { decoderFeeds, promptFeed, type PromptFeed } from "../sam/feeds";
import { decodeFloat16 } from "../sam/float16";
import { modelKey, type Manifest } from "../sam/manifest";
import { FOREGROUND, promptCount, type Prompts } from "../sam/prompts";
import { InferenceError } from "./errors";
import type {
  CheckResult,
  Decoded,
  DecodeRequest,
  ModelFiles,
  OpenImage,
  ServerDecodeRequest,
} from "./protocol";
import type { Rung } from "./rungs";
import type { DecoderSession, Runtime } from "./runtimes";

/** Embeddings kept as float32; at 1 to 4 MiB each, a handful covers going back and forth. */
const IMAGES_KEPT = 4;

interface LoadedModel {
  readonly manifest: Manifest;
  readonly session: DecoderSession | null;
}

interface ResidentImage extends OpenImage {
  readonly values: Float32Array | null;
}

/** Either a runtime of this browser, or a way to ask the server. */
export type Backend =
  | { readonly kind: "local"; readonly runtime: Runtime }
  | { readonly kind: "server"; readonly decode: (request: ServerDecodeRequest) => Promise<DecoderOutput> };

/** One worker's state: sessions by model version, embeddings by image, and how to decode with them. */
export class DecoderEngine {
  private readonly models = new Map<string, LoadedModel>();
  private readonly images = new Map<string, ResidentImage>();

  constructor(
    private readonly rung: Rung,
    private readonly backend: Backend,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async load(files: ModelFiles): Promise<void> {
    const key = modelKey(files.manifest);
    if (this.models.has(key)) return;
    let session: DecoderSession | null = null;
    if (this.backend.kind === "local") {
      if (!files.decoder)
        throw new InferenceError("decoder.no_graph", "The decoder's file was not handed over.");
      session = await this.backend.runtime(files.decoder);
    }
    this.models.set(key, { manifest: files.manifest, session });
  }

  /** Keeps the image's embedding; the least recently used one beyond the limit goes. */
  open(image: OpenImage): void {
    const { manifest } = this.model(image.model);
    const values = image.embedding ? decodeFloat16(image.embedding) : null;
    const expected = manifest.embeddingShape.reduce((product, side) => product * side, 1);
    if (values && values.length !== expected) {
      throw new InferenceError(
        "embedding.bad_length",
        `The embedding has ${values.length} values where ${modelKey(manifest)} needs ${expected}.`,
      );
    }
    if (!values && this.backend.kind === "local") {
      throw new InferenceError("embedding.missing", "The embedding was not handed over.");
    }
    this.images.delete(image.key);
    this.images.set(image.key, { ...image, embedding: null, values });
    for (const key of this.images.keys()) {
      if (this.images.size <= IMAGES_KEPT) break;
      this.images.delete(key);
    }
  }

  /** Decodes and upsamples. Throws `InferenceError` `image.not_open` when the image was never opened or has gone. */
  async decode(request: DecodeRequest): Promise<Decoded> {
    const image = this.images.get(request.image);
    if (!image) throw new InferenceError("image.not_open", "The image's embedding is not loaded.");
    this.images.delete(image.key);
    this.images.set(image.key, image);
    const model = this.model(image.model);
    const frame = modelFrame(image.size, model.manifest.imageSize);
    const started = this.now();
    const output = await this.run(
      model,
      image.key,
      image.values,
      promptFeed(request.prompts, frame),
      request.previousLowRes,
    );
    const decoded = this.now();
    const all = readCandidates(output, promptCount(request.prompts), model.manifest, frame);
    const masks = (request.wanted === "best" ? all.slice(0, 1) : all).map((candidate) => ({
      ...candidate,
      rle: upsampleToRle(candidate.lowRes, model.manifest.lowResSize, frame, model.manifest.maskThreshold),
    }));
    return { masks, rung: this.rung, decodeMs: decoded - started, upsampleMs: this.now() - decoded };
  }

  /** Decodes one click on a made-up embedding, the same on every rung, `runs` times after a warm-up. */
  async check(key: string, runs: number): Promise<CheckResult> {
    const model = this.model(key);
    const side = model.manifest.imageSize;
    const frame = modelFrame({ height: side, width: side }, side);
    const prompts: Prompts = {
      points: [{ point: imagePoint(side / 2, side / 2), label: FOREGROUND }],
      box: null,
    };
    const embedding = madeUpEmbedding(model.manifest.embeddingShape.reduce((product, n) => product * n, 1));
    const feed = promptFeed(prompts, frame);
    let output = await this.run(model, "", embedding, feed, null);
    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      const started = this.now();
      output = await this.run(model, "", embedding, feed, null);
      times.push(this.now() - started);
    }
    times.sort((a, b) => a - b);
    return { output, medianMs: times[Math.floor(times.length / 2)] ?? 0 };
  }

  private async run(
    model: LoadedModel,
    image: string,
    embedding: Float32Array | null,
    feed: PromptFeed,
    previousLowRes: Float32Array | null,
  ): Promise<DecoderOutput> {
    if (this.backend.kind === "server") {
      return this.backend.decode({ ...feed, image, maskInput: previousLowRes });
    }
    if (!model.session || !embedding)
      throw new InferenceError("decoder.no_graph", "The decoder is not loaded.");
    return model.session(decoderFeeds(embedding, feed, previousLowRes, model.manifest));
  }

  private model(key: string): LoadedModel {
    const model = this.models.get(key);
    if (!model) throw new InferenceError("model.not_loaded", `The decoder of ${key} is not loaded.`);
    return model;
  }
}

/** Values in [-1, 1) from a linear congruential generator: alike on every machine. */
function madeUpEmbedding(length: number): Float32Array {
  const values = new Float32Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    values[i] = state / 2 ** 31 - 1;
  }
  return values;
}

import type { ImageBox } from "../geometry/boxes";
import { windowSize } from "../geometry/crops";
import { modelFrame, type ModelFrame } from "../geometry/frames";
import { imagePoint } from "../geometry/points";
import type { Size } from "../geometry/size";
import { upsampleToRle } from "../masks/upsample";
import { placeMask } from "../masks/windows";
import { readCandidates, type DecoderOutput, type LowResCandidate } from "../sam/candidates";
import { promptFeed, type PromptFeed } from "../sam/feeds";
import { decodeFloat16 } from "../sam/float16";
import { modelKey, type Manifest } from "../sam/manifest";
import { FOREGROUND, promptCount, promptsInWindow, type Prompts } from "../sam/prompts";
import { InferenceError } from "./errors";
import type {
  CheckResult,
  Decoded,
  DecodedMask,
  DecodeQuestion,
  DecodeRequest,
  ModelFiles,
  OpenImage,
  ReadRequest,
  ServerDecodeRequest,
} from "./protocol";
import { ResidentImages, type Resident } from "./residentImages";
import type { Decoder, PreparedImage, Runtime } from "./runtime";
import type { Rung } from "./rungs";

/** For prepared tensors: 5 images at SAM's width of 256, 10 at the default model's 128. */
const BUDGET_BYTES = 64 * 2 ** 20;
/** The decoder's masks: the single one, whole, part and subpart. */
const CANDIDATES = 4;

interface LoadedModel {
  readonly manifest: Manifest;
  readonly decoder: Decoder | null;
}

interface ResidentImage extends Resident {
  readonly model: string;
  readonly size: Size;
  readonly window: ImageBox | null;
  readonly prepared: PreparedImage | null;
}

/** Either a runtime of this browser, or a way to ask the server. */
export type Backend =
  | { readonly kind: "local"; readonly runtime: Runtime }
  | { readonly kind: "server"; readonly decode: (request: ServerDecodeRequest) => Promise<DecoderOutput> };

/** One worker's state: decoders by model version, prepared images, and how to decode with them. */
export class DecoderEngine {
  private readonly models = new Map<string, LoadedModel>();
  private readonly images: ResidentImages<ResidentImage>;

  constructor(
    private readonly rung: Rung,
    private readonly backend: Backend,
    private readonly now: () => number = () => performance.now(),
    budgetBytes = BUDGET_BYTES,
  ) {
    this.images = new ResidentImages(budgetBytes);
  }

  async load(files: ModelFiles): Promise<void> {
    const key = modelKey(files.manifest);
    if (this.models.has(key)) return;
    let decoder: Decoder | null = null;
    if (this.backend.kind === "local") {
      if (!files.graphs) {
        throw new InferenceError("decoder.no_graph", "The decoder's files were not handed over.");
      }
      decoder = await this.backend.runtime(files.graphs, files.manifest);
    }
    this.models.set(key, { manifest: files.manifest, decoder });
  }

  /** Prepares an image for decoding and keeps that; the least recently used ones beyond the budget go. */
  async open({ key, model, size, window, embedding }: OpenImage): Promise<void> {
    const { manifest, decoder } = this.model(model);
    let prepared: PreparedImage | null = null;
    if (decoder) {
      if (!embedding) throw new InferenceError("embedding.missing", "The embedding was not handed over.");
      const values = decodeFloat16(embedding);
      const expected = valueCount(manifest);
      if (values.length !== expected) {
        throw new InferenceError(
          "embedding.bad_length",
          `The embedding has ${values.length} values where ${modelKey(manifest)} needs ${expected}.`,
        );
      }
      prepared = await decoder.prepare(values);
    }
    this.images.add({
      key,
      model,
      size,
      window,
      prepared,
      bytes: prepared?.bytes ?? 0,
      dispose: () => prepared?.dispose(),
    });
  }

  /**
   * Decodes and upsamples. Throws `InferenceError` `image.not_open` when the image was never opened, has gone, or is open
   * for another model than is asked for.
   */
  async decode(request: DecodeQuestion): Promise<Decoded> {
    const image = this.opened(request.image, request.model);
    const model = this.model(image.model);
    const { window } = image;
    const frame = frameOf(image, model.manifest);
    const started = this.now();
    const feed = promptFeed(window ? promptsInWindow(request.prompts, window) : request.prompts, frame);
    const output = await this.run(model, image, feed, request.previousLowRes);
    const decoded = this.now();
    const masks = masksOf(output, promptCount(request.prompts), model.manifest, image, request.wanted);
    const times = { decodeMs: decoded - started, upsampleMs: this.now() - decoded };
    return { masks, model: image.model, rung: this.rung, ...times };
  }

  /**
   * Upsamples what was decoded elsewhere. Throws `InferenceError` as `decode` does, and `decoder.bad_length` where that
   * is no answer of the model's.
   */
  read({ image: key, model, output, prompts }: ReadRequest): Decoded {
    const image = this.opened(key, model);
    const { manifest } = this.model(model);
    const scores = output.iouPredictions.length;
    const expected = scores * manifest.lowResSize.height * manifest.lowResSize.width;
    if (scores !== CANDIDATES || output.lowResMasks.length !== expected) {
      throw new InferenceError("decoder.bad_length", `The answer does not fit the masks of ${model}.`);
    }
    const started = this.now();
    const masks = masksOf(output, prompts, manifest, image, "all");
    return { masks, model, rung: this.rung, decodeMs: 0, upsampleMs: this.now() - started };
  }

  /** Decodes one click on a made-up embedding, the same on every rung, `runs` times after a warm-up. */
  async check(key: string, runs: number): Promise<CheckResult> {
    const { manifest, decoder } = this.model(key);
    if (!decoder) throw new InferenceError("decoder.no_graph", "The decoder is not loaded.");
    const side = manifest.imageSize;
    const frame = modelFrame({ height: side, width: side }, side);
    const prompts: Prompts = {
      points: [{ point: imagePoint(side / 2, side / 2), label: FOREGROUND }],
      box: null,
    };
    const feed = promptFeed(prompts, frame);
    const embedding = madeUpEmbedding(valueCount(manifest));
    (await decoder.prepare(embedding)).dispose();
    const [image, prepareMs] = await this.timed((onTurn) => decoder.prepare(embedding, onTurn));
    let output = await decoder.click(image, feed, null);
    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      const [next, clickMs] = await this.timed((onTurn) => decoder.click(image, feed, null, onTurn));
      output = next;
      times.push(clickMs);
    }
    image.dispose();
    times.sort((a, b) => a - b);
    return { output, medianMs: times[Math.floor(times.length / 2)] ?? 0, prepareMs };
  }

  /** Without the wait for its turn: a worker in use would seem slow beside one that nobody asks yet. */
  private async timed<T>(action: (onTurn: () => void) => Promise<T>): Promise<[T, number]> {
    let started = this.now();
    const result = await action(() => (started = this.now()));
    return [result, this.now() - started];
  }

  private run(
    { decoder }: LoadedModel,
    image: ResidentImage,
    feed: PromptFeed,
    previousLowRes: Float32Array | null,
  ): Promise<DecoderOutput> {
    if (this.backend.kind === "server") {
      return this.backend.decode({
        ...feed,
        image: image.key,
        model: image.model,
        window: image.window,
        maskInput: previousLowRes,
      });
    }
    if (!decoder || !image.prepared) {
      throw new InferenceError("decoder.no_graph", "The decoder is not loaded.");
    }
    return decoder.click(image.prepared, feed, previousLowRes);
  }

  private opened(key: string, model?: string): ResidentImage {
    const image = this.images.use(key);
    const isThere = image && (model ?? image.model) === image.model;
    if (!isThere) throw new InferenceError("image.not_open", "The image's embedding is not loaded.");
    return image;
  }

  private model(key: string): LoadedModel {
    const model = this.models.get(key);
    if (!model) throw new InferenceError("model.not_loaded", `The decoder of ${key} is not loaded.`);
    return model;
  }
}

function frameOf({ window, size }: ResidentImage, { imageSize }: Manifest): ModelFrame {
  return modelFrame(window ? windowSize(window) : size, imageSize);
}

/** Those of the decoder's masks that are wanted, at the image's size. */
function masksOf(
  output: DecoderOutput,
  prompts: number,
  manifest: Manifest,
  image: ResidentImage,
  wanted: DecodeRequest["wanted"],
): DecodedMask[] {
  const frame = frameOf(image, manifest);
  const { window } = image;
  const found = readCandidates(output, prompts, manifest, frame, wanted === "best" ? 1 : Infinity);
  return found.filter(isWanted(wanted)).map((candidate) => {
    const rle = upsampleToRle(candidate.lowRes, manifest.lowResSize, frame, manifest.maskThreshold);
    return { ...candidate, rle: window ? placeMask(rle, window, image.size) : rle };
  });
}

function isWanted(wanted: DecodeRequest["wanted"]): (candidate: LowResCandidate) => boolean {
  if (typeof wanted === "string") return () => true;
  return ({ predictedIou, stabilityScore }) =>
    predictedIou >= wanted.predictedIou && stabilityScore >= wanted.stabilityScore;
}

function valueCount(manifest: Manifest): number {
  return manifest.embeddingShape.reduce((product, side) => product * side, 1);
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

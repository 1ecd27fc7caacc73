import type { InferenceSession, Tensor } from "onnxruntime-web";
import type { DecoderOutput } from "../sam/candidates";
import {
  fillSlots,
  maskTensors,
  OUTPUT_NAMES,
  POINTS_DIMENSION,
  PREPARE_INPUT,
  promptTensors,
  SLOT_BUCKETS,
  slotBucket,
  type PlainTensor,
  type PromptFeed,
} from "../sam/feeds";
import type { Manifest } from "../sam/manifest";
import { InferenceError } from "./errors";
import type { Decoder, PreparedImage } from "./runtime";

type Feeds = Record<string, Tensor>;

/** The parts of a session used here, so that a test can stand in for it. */
export type Session = Pick<InferenceSession, "run" | "release">;
export type MakeClick = (freeDimensionOverrides: Record<string, number>) => Promise<Session>;
export type MakeTensor = (data: Float32Array, dims: readonly number[]) => Tensor;

/** Click sessions kept; each holds the weights once more, 16 MiB at width 256 and 4 at the default model's 128. */
const SESSIONS_KEPT = 4;
const ANY_NUMBER = 0;
/** So long after the last call a session is made that the next click may need: 35 to 100 ms that no click waits for. */
export const QUIET_MS = 500;

class OrtImage implements PreparedImage {
  constructor(
    readonly tensors: Feeds,
    private readonly later: (action: () => void) => void,
  ) {}

  get bytes(): number {
    return Object.values(this.tensors).reduce((sum, tensor) => sum + 4 * tensor.size, 0);
  }

  dispose(): void {
    this.later(() => {
      for (const tensor of Object.values(this.tensors)) tensor.dispose();
    });
  }
}

/**
 * A model's two graphs in onnxruntime. `prepare`'s answers are fed to `click` as they came, by name. There is a click
 * session for each number of point slots in use, so that onnxruntime plans its memory for known shapes.
 */
export class OrtDecoder implements Decoder {
  private readonly sessions = new Map<number, Promise<Session>>();
  private readonly noMask: Feeds;
  private turn: Promise<unknown> = Promise.resolve();
  private warming: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly prepareSession: Session,
    private readonly makeClick: MakeClick,
    private readonly makeTensor: MakeTensor,
    private readonly manifest: Manifest,
  ) {
    this.noMask = this.tensors(maskTensors(null, manifest));
  }

  prepare(embedding: Float32Array, onTurn?: () => void): Promise<PreparedImage> {
    return this.inTurn(async () => {
      onTurn?.();
      const input = this.makeTensor(embedding, this.manifest.embeddingShape);
      const outputs = await this.prepareSession.run({ [PREPARE_INPUT]: input });
      return new OrtImage(outputs, (action) => {
        void this.inTurn(() => {
          action();
          return Promise.resolve();
        });
      });
    });
  }

  click(
    image: PreparedImage,
    feed: PromptFeed,
    previousLowRes: Float32Array | null,
    onTurn?: () => void,
  ): Promise<DecoderOutput> {
    if (!(image instanceof OrtImage)) throw new InferenceError("image.not_open", "Another runtime made it.");
    return this.inTurn(async () => {
      onTurn?.();
      const slots = slotBucket(feed.pointLabels.length);
      const session = await this.session(slots ?? ANY_NUMBER);
      const prompt = slots === null ? feed : fillSlots(feed, slots);
      const mask = previousLowRes ? this.tensors(maskTensors(previousLowRes, this.manifest)) : this.noMask;
      const outputs = await session.run({
        ...image.tensors,
        ...this.tensors(promptTensors(prompt)),
        ...mask,
      });
      this.warmLater(slots);
      return {
        iouPredictions: await floats(outputs, OUTPUT_NAMES.iouPredictions),
        lowResMasks: await floats(outputs, OUTPUT_NAMES.lowResMasks),
      };
    });
  }

  /** onnxruntime runs one thing at a time; on WebGPU a second call would be refused. */
  private inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.turn.then(action);
    this.turn = result.catch(() => undefined);
    return result;
  }

  /** Makes the session for one more click than there are now, unless it is there or another would have to go for it. */
  private warmLater(slots: number | null): void {
    clearTimeout(this.warming);
    const next = slots === null ? undefined : SLOT_BUCKETS.find((bucket) => bucket > slots);
    if (next === undefined || this.sessions.has(next) || this.sessions.size >= SESSIONS_KEPT) return;
    this.warming = setTimeout(() => {
      // One that cannot be made is asked for again, and told of, by the click that needs it.
      this.inTurn(() => this.session(next)).catch(() => undefined);
    }, QUIET_MS);
  }

  private async session(slots: number): Promise<Session> {
    const known = this.sessions.get(slots);
    const session = known ?? this.makeClick(slots === ANY_NUMBER ? {} : { [POINTS_DIMENSION]: slots });
    this.sessions.delete(slots);
    this.sessions.set(slots, session);
    try {
      await session;
    } catch (error) {
      this.sessions.delete(slots);
      throw error;
    }
    const [oldest] = this.sessions.keys();
    if (this.sessions.size > SESSIONS_KEPT && oldest !== undefined) {
      const gone = this.sessions.get(oldest)!;
      this.sessions.delete(oldest);
      await (await gone).release();
    }
    return session;
  }

  private tensors(plain: Record<string, PlainTensor>): Feeds {
    return Object.fromEntries(
      Object.entries(plain).map(([name, { data, dims }]) => [name, this.makeTensor(data, dims)]),
    );
  }
}

async function floats(outputs: InferenceSession.ReturnType, name: string): Promise<Float32Array> {
  const data = await outputs[name]?.getData();
  if (!(data instanceof Float32Array)) {
    throw new InferenceError("decoder.bad_graph", `The decoder has no float32 output ${name}.`);
  }
  return data;
}

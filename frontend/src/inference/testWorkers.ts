import { imagePoint } from "../geometry/points";
import { DecoderBridge } from "./bridge";
import type { CheckResult, DecodeQuestion, FromWorker, QuestionName, ToWorker } from "./protocol";
import type { Capabilities, Rung } from "./rungs";
import { manifest } from "./testManifest";
import { WorkerClient, type WorkerPort } from "./workerClient";

export const FULL: Capabilities = {
  isCrossOriginIsolated: true,
  hasSharedArrayBuffer: true,
  hasWasm: true,
  hasSimd: true,
  hasWasmThreads: true,
  cores: 8,
  gpu: null,
};
export const files = { manifest, graphs: { prepare: new ArrayBuffer(1), click: new ArrayBuffer(1) } };
export const image = {
  key: "a",
  model: "tiny@1",
  size: { height: 8, width: 8 },
  window: null,
  embedding: new ArrayBuffer(8),
};
export const click = {
  image: "a",
  prompts: { points: [{ point: imagePoint(1, 1), label: 1 as const }], box: null },
  previousLowRes: null,
};

export interface Behaviour {
  capabilities: Capabilities;
  failing: Rung[];
  /** What a rung cannot do, as `failing` is for starting; a test may add to it while the rung stands. */
  faults: Partial<Record<Rung, QuestionName[]>>;
  /** Questions left without an answer until they are released. */
  held: Partial<Record<QuestionName, Promise<void>>>;
  onAsked: (worker: FakeWorker, name: QuestionName) => void;
  /** By rung and number of threads; 10 ms and no deviation where nothing is said. */
  checks: Partial<
    Record<Rung | `wasm-threads ${number}`, { medianMs: number; scale: number; predictedIou?: number }>
  >;
  /** Models that WebGPU answers wrong. */
  wrong: string[];
}

/** A worker that answers by its behaviour, asynchronously, and remembers whether it lives. */
export class FakeWorker implements WorkerPort {
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  isAlive = true;
  rung: Rung | null = null;
  threads = 0;
  readonly asked: string[] = [];
  /** Models of the open images by the images' keys. */
  private readonly opened = new Map<string, string>();

  constructor(private readonly behaviour: Behaviour) {}

  terminate(): void {
    this.isAlive = false;
  }

  postMessage(message: ToWorker): void {
    if (message.type !== "question") return;
    this.asked.push(message.name);
    this.behaviour.onAsked(this, message.name);
    const held = this.behaviour.held[message.name] ?? Promise.resolve();
    void held.then(() => this.answer(message));
  }

  /** The browser ends it. */
  die(): void {
    this.onerror?.({ message: "out of memory", preventDefault: () => undefined } as ErrorEvent);
    this.isAlive = false;
  }

  private answer(message: Extract<ToWorker, { type: "question" }>): void {
    const reply = (answer: unknown) => this.send({ type: "answer", id: message.id, answer: answer as null });
    if (message.name === "start") {
      this.rung = message.question.rung;
      this.threads = message.question.threads;
      if (this.behaviour.failing.includes(this.rung)) {
        this.send({ type: "failure", id: message.id, code: "decoder.failed", message: "no such luck" });
      } else reply(null);
    } else if (this.rung && this.behaviour.faults[this.rung]?.includes(message.name)) {
      this.send({ type: "failure", id: message.id, code: "decoder.failed", message: "the adapter is lost" });
    } else if (message.name === "open") {
      this.opened.set(message.question.key, message.question.model);
      reply(null);
    } else if (asksOfImage(message) && !this.hasOpen(message.question)) {
      this.send({ type: "failure", id: message.id, code: "image.not_open", message: "not open" });
    } else if (message.name === "capabilities") reply(this.behaviour.capabilities);
    else if (message.name === "check") reply(this.check(message.question.model));
    else if (asksOfImage(message)) {
      const model = this.opened.get(message.question.image);
      reply({ masks: [], model, rung: this.rung, decodeMs: 1, upsampleMs: 1 });
    } else reply(null);
  }

  private hasOpen({ image, model }: Pick<DecodeQuestion, "image" | "model">): boolean {
    const opened = this.opened.get(image);
    return opened !== undefined && (model ?? opened) === opened;
  }

  private check(model: string): CheckResult {
    const { checks, wrong } = this.behaviour;
    const known = checks[`wasm-threads ${this.threads}`] ?? checks[this.rung!];
    const { medianMs, scale, predictedIou = 0 } = known ?? { medianMs: 10, scale: 1 };
    const sign = this.rung === "webgpu" && wrong.includes(model) ? -1 : 1;
    return {
      medianMs,
      prepareMs: 2 * medianMs,
      output: {
        iouPredictions: new Float32Array(4).fill(predictedIou),
        lowResMasks: Float32Array.of(sign * scale, -sign * scale),
      },
    };
  }

  private send(message: FromWorker): void {
    if (this.isAlive) this.onmessage?.({ data: message } as MessageEvent<FromWorker>);
  }
}

type Asked = Extract<ToWorker, { type: "question" }>;

function asksOfImage(message: Asked): message is Extract<Asked, { name: "decode" | "read" }> {
  return message.name === "decode" || message.name === "read";
}

export function bridgeOf(behaviour: Partial<Behaviour>): { bridge: DecoderBridge; workers: FakeWorker[] } {
  const workers: FakeWorker[] = [];
  const bridge = new DecoderBridge(() => {
    const nothing = {
      capabilities: FULL,
      failing: [],
      faults: {},
      held: {},
      checks: {},
      wrong: [],
      onAsked: () => undefined,
    };
    const worker = new FakeWorker({ ...nothing, ...behaviour });
    workers.push(worker);
    return new WorkerClient(worker, () => Promise.reject(new Error("no server here")));
  });
  return { bridge, workers };
}

export function rungOf(bridge: DecoderBridge): Rung | null {
  const state = bridge.getRungState();
  return state.kind === "ready" ? state.rung : null;
}

export const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
export const withGpu: Capabilities = { ...FULL, gpu: { name: "real", isSoftware: false } };

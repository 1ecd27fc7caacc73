import type { DecoderOutput } from "../sam/candidates";
import { describeFailure, InferenceError } from "./errors";
import type { FromWorker, QuestionName, Questions, ServerDecodeRequest, ToWorker } from "./protocol";

/** Answers a decode for a worker of the server rung. */
export type ServerDecode = (request: ServerDecodeRequest) => Promise<DecoderOutput>;

/** The part of `Worker` used here, so that a test can stand in for it. */
export interface WorkerPort {
  postMessage(message: ToWorker): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** Asks one worker questions and hands out promises; a worker that dies fails all of them. */
export class WorkerClient {
  private nextId = 1;
  private readonly waiting = new Map<
    number,
    { resolve: (answer: never) => void; reject: (error: Error) => void }
  >();
  private deathReason: InferenceError | null = null;

  constructor(
    private readonly worker: WorkerPort,
    private readonly serverDecode: ServerDecode,
  ) {
    worker.onmessage = ({ data }) => this.receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.die(
        new InferenceError("decoder.worker_failed", event.message || "The decoder's worker failed to start."),
      );
    };
  }

  ask<N extends QuestionName>(name: N, question: Questions[N]["question"]): Promise<Questions[N]["answer"]> {
    if (this.deathReason) return Promise.reject(this.deathReason);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ type: "question", id, name, question } as ToWorker);
    });
  }

  terminate(): void {
    this.worker.terminate();
    this.die(new InferenceError("decoder.stopped", "The decoder was stopped."));
  }

  private receive(message: FromWorker): void {
    if (message.type === "server-question") {
      void this.relay(message.id, message.request);
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.type === "answer") waiting?.resolve(message.answer as never);
    else waiting?.reject(new InferenceError(message.code, message.message));
  }

  private async relay(id: number, request: ServerDecodeRequest): Promise<void> {
    try {
      this.worker.postMessage({ type: "server-answer", id, output: await this.serverDecode(request) });
    } catch (error) {
      this.worker.postMessage({ type: "server-failure", id, ...describeFailure(error) });
    }
  }

  private die(reason: InferenceError): void {
    this.deathReason = reason;
    for (const { reject } of this.waiting.values()) reject(reason);
    this.waiting.clear();
  }
}

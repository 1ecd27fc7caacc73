import type { DecoderOutput } from "../sam/candidates";
import { measureCapabilities } from "./capabilities";
import { DecoderEngine, type Backend } from "./engine";
import { describeFailure, InferenceError } from "./errors";
import type { FromWorker, QuestionName, Questions, ServerDecodeRequest, ToWorker } from "./protocol";
import type { Rung } from "./rungs";
import { loadRuntime } from "./runtimes";

const scope = globalThis as unknown as {
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
};

let engine: DecoderEngine | null = null;
let serverQuestions = 0;
const waitingForServer = new Map<
  number,
  { resolve: (output: DecoderOutput) => void; reject: (error: Error) => void }
>();

type Handlers = {
  [N in QuestionName]: (question: Questions[N]["question"]) => Promise<Questions[N]["answer"]>;
};

const handlers: Handlers = {
  start: async ({ rung, threads }) => {
    engine = new DecoderEngine(rung, await backendFor(rung, threads));
    return null;
  },
  capabilities: measureCapabilities,
  load: async (files) => {
    await started().load(files);
    return null;
  },
  check: ({ model, runs }) => started().check(model, runs),
  open: async (image) => {
    await started().open(image);
    return null;
  },
  decode: (request) => started().decode(request),
  read: (request) => Promise.resolve(started().read(request)),
};

scope.onmessage = ({ data }) => {
  if (data.type === "question") void answer(data);
  else {
    const waiting = waitingForServer.get(data.id);
    waitingForServer.delete(data.id);
    if (data.type === "server-answer") waiting?.resolve(data.output);
    else waiting?.reject(new InferenceError(data.code, data.message));
  }
};

async function answer(message: Extract<ToWorker, { type: "question" }>): Promise<void> {
  const handle = handlers[message.name] as (question: unknown) => Promise<Questions[QuestionName]["answer"]>;
  try {
    const result = await handle(message.question);
    scope.postMessage({ type: "answer", id: message.id, answer: result }, buffersOf(result));
  } catch (error) {
    scope.postMessage({ type: "failure", id: message.id, ...describeFailure(error) });
  }
}

/** The big arrays of an answer move instead of being copied; each belongs to this answer alone. */
function buffersOf(result: Questions[QuestionName]["answer"]): Transferable[] {
  if (result === null || !("masks" in result)) return [];
  return result.masks.flatMap((mask) => [mask.lowRes.buffer, mask.rle.counts.buffer]) as Transferable[];
}

async function backendFor(rung: Rung, threads: number): Promise<Backend> {
  if (rung === "server") return { kind: "server", decode: askServer };
  return { kind: "local", runtime: await loadRuntime(rung, threads) };
}

function askServer(request: ServerDecodeRequest): Promise<DecoderOutput> {
  serverQuestions += 1;
  const id = serverQuestions;
  return new Promise((resolve, reject) => {
    waitingForServer.set(id, { resolve, reject });
    scope.postMessage({ type: "server-question", id, request });
  });
}

function started(): DecoderEngine {
  if (!engine) throw new InferenceError("decoder.not_started", "The decoder's worker has not been started.");
  return engine;
}

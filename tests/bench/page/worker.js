import * as ort from "/ort/ort.wasm.min.mjs";
import { bestMask, SESSION_OPTIONS } from "/built/ours.js";
import { disc, ORIGINAL_SIZE } from "./madeUp.js";

const calls = new Map();
const answers = new Map();
/** Measured: a second after an answer onnxruntime's threads have come to rest. */
const SPIN_MS = 1000;

const handlers = {
  async start({ threads, models }) {
    ort.env.logLevel = "error";
    ort.env.wasm.numThreads = threads;
    ort.env.wasm.wasmPaths = "/ort/";
    const created = {};
    let isFirst = true;
    for (const model of models) {
      const bytes = {};
      for (const graph of Object.keys(model.bytes)) bytes[graph] = await download(`${model.name}.${graph}.onnx`);
      // The first session of a page also compiles and starts the runtime, which belongs to no graph.
      if (isFirst) await (await create(bytes.prepare)).release();
      isFirst = false;
      for (const [graph, call] of await callsOf(model, bytes, created)) calls.set(`${model.name} ${graph}`, call);
      for (const [graph, answer] of answersOf(model)) answers.set(`${model.name} ${graph}`, answer);
    }
    return created;
  },
  /** One click's mask as the page needs it for drawing, by "<model> <graph>". */
  answer({ key }) {
    return answers.get(key)();
  },
  async rest({ key }) {
    await untilThreadsRest(key);
  },
  async round() {
    const times = {};
    for (const [name, call] of calls) {
      // As while a pointer moves: what is timed has just run once, or it would matter which graph came before and whether
      // threads rested after that.
      await call();
      const started = performance.now();
      await call();
      times[name] = performance.now() - started;
      await untilThreadsRest(name);
    }
    return times;
  },
};

self.onmessage = async ({ data }) => {
  try {
    self.postMessage({ answer: await handlers[data.name](data) });
  } catch (error) {
    self.postMessage({ error: String(error?.stack ?? error) });
  }
};

async function download(name) {
  const answer = await fetch(`/graphs/${name}`);
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** With default settings, or for the graphs of ours the application's. */
function create(bytes, options) {
  return ort.InferenceSession.create(bytes, { executionProviders: ["wasm"], ...options });
}

/** After the official graphs: by default, threads wait busily for a next call, and would take a core from what comes next. */
function untilThreadsRest(key) {
  const isBusy = ort.env.wasm.numThreads > 1 && key.includes(" official_");
  return isBusy ? new Promise((resolve) => setTimeout(resolve, SPIN_MS)) : null;
}

/** One call per graph with one click and its padding point; inputs are made once, as the annotator makes them. */
async function callsOf({ name, embedding_shape, image_size, low_res_side }, bytes, created) {
  const tensor = (data, dims) => new ort.Tensor("float32", data, dims);
  const timed = async (graph, options) => {
    const started = performance.now();
    const session = await create(bytes[graph], options);
    created[`${name} ${graph}`] = performance.now() - started;
    return session;
  };
  const embedding = tensor(noise(embedding_shape.reduce((a, b) => a * b, 1)), embedding_shape);
  const prompt = {
    point_coords: tensor(Float32Array.of(image_size / 2, image_size / 2, 0, 0), [1, 2, 2]),
    point_labels: tensor(Float32Array.of(1, -1), [1, 2]),
    mask_input: tensor(new Float32Array(low_res_side ** 2), [1, 1, low_res_side, low_res_side]),
    has_mask_input: tensor(Float32Array.of(0), [1]),
  };
  const official = {
    image_embeddings: embedding,
    ...prompt,
    orig_im_size: tensor(Float32Array.from(ORIGINAL_SIZE), [2]),
  };
  const single = await timed("official_single");
  const multi = await timed("official_multi");
  const prepare = await timed("prepare", SESSION_OPTIONS);
  const click = await timed("click", { ...SESSION_OPTIONS, freeDimensionOverrides: { num_points: 2 } });
  const prepared = await prepare.run({ image_embeddings: embedding });
  return [
    ["official_single", () => single.run(official)],
    ["official_multi", () => multi.run(official)],
    ["prepare", () => prepare.run({ image_embeddings: embedding })],
    ["click", () => click.run({ ...prepared, ...prompt })],
  ];
}

/** One click from its prompt to what the page draws: nothing but the run from the official graph, whose logits the page
 * has made up for itself, uncopied; our run lengths, of made-up logits as well. */
function answersOf({ name, image_size, low_res_side }) {
  const [height, width] = ORIGINAL_SIZE;
  const lowRes = { height: low_res_side, width: low_res_side };
  const one = disc(low_res_side, low_res_side);
  const lowResMasks = Float32Array.from({ length: 4 * one.length }, (_, i) => one[i % one.length]);
  return [
    [
      "official_single",
      async () => {
        await calls.get(`${name} official_single`)();
        return null;
      },
    ],
    [
      "click",
      async () => {
        const { iou_predictions } = await calls.get(`${name} click`)();
        const output = { iouPredictions: iou_predictions.data, lowResMasks };
        return bestMask(output, image_size, lowRes, { height, width });
      },
    ],
  ];
}

/** Values in [-1, 1), alike on every machine. */
function noise(length) {
  const values = new Float32Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = state / 2 ** 31 - 1;
  }
  return values;
}

import type { InferenceSession, Tensor } from "onnxruntime-web";
// Hashed files of our own build: nothing comes from another origin. The WebGPU pair is fetched only on that rung.
import asyncifyScript from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url";
import asyncifyBinary from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import wasmScript from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import wasmBinary from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import type { DecoderOutput } from "../sam/candidates";
import { OUTPUT_NAMES, type DecoderFeeds, type PlainTensor } from "../sam/feeds";
import { InferenceError } from "./errors";
import { threadCount, type Rung } from "./rungs";

/** One decoder graph ready to run. */
export type DecoderSession = (feeds: DecoderFeeds) => Promise<DecoderOutput>;

/** Makes sessions from graph bytes. A runtime belongs to one rung for the life of its worker. */
export type Runtime = (decoder: ArrayBuffer) => Promise<DecoderSession>;

type Ort = typeof import("onnxruntime-web");

/** Loads onnxruntime for a rung. Throws when the browser refuses it; the worker is of no further use then. */
export async function loadRuntime(rung: Exclude<Rung, "server">): Promise<Runtime> {
  const isWebgpu = rung === "webgpu";
  const ort: Ort = isWebgpu ? await import("onnxruntime-web/webgpu") : await import("onnxruntime-web/wasm");
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = rung === "wasm-threads" ? threadCount(navigator.hardwareConcurrency) : 1;
  ort.env.wasm.wasmPaths = {
    mjs: absolute(isWebgpu ? asyncifyScript : wasmScript),
    wasm: absolute(isWebgpu ? asyncifyBinary : wasmBinary),
  };
  return async (decoder) => {
    const session = await ort.InferenceSession.create(new Uint8Array(decoder), {
      executionProviders: [isWebgpu ? "webgpu" : "wasm"],
      graphOptimizationLevel: "all",
    });
    return (feeds) => runSession(ort, session, feeds);
  };
}

function absolute(path: string): string {
  return new URL(path, globalThis.location.href).href;
}

async function runSession(ort: Ort, session: InferenceSession, feeds: DecoderFeeds): Promise<DecoderOutput> {
  const tensors: Record<string, Tensor> = {};
  for (const [name, { data, dims }] of Object.entries<PlainTensor>(feeds)) {
    tensors[name] = new ort.Tensor("float32", data, dims);
  }
  const outputs = await session.run(tensors);
  return {
    iouPredictions: await floats(outputs, OUTPUT_NAMES.iouPredictions),
    lowResMasks: await floats(outputs, OUTPUT_NAMES.lowResMasks),
  };
}

async function floats(outputs: InferenceSession.ReturnType, name: string): Promise<Float32Array> {
  const data = await outputs[name]?.getData();
  if (!(data instanceof Float32Array)) {
    throw new InferenceError("decoder.bad_graph", `The decoder has no float32 output ${name}.`);
  }
  return data;
}

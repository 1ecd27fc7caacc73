import type { InferenceSession, Tensor } from "onnxruntime-web";
// Hashed files of our own build: nothing comes from another origin. The WebGPU pair is fetched only on that rung.
import asyncifyScript from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url";
import asyncifyBinary from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import wasmScript from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import wasmBinary from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import { OrtDecoder } from "./ortDecoder";
import type { Runtime } from "./runtime";
import type { Rung } from "./rungs";
import { SESSION_OPTIONS } from "./sessionOptions";

type Ort = typeof import("onnxruntime-web");

/**
 * Loads onnxruntime for a rung with so many threads, which cannot be changed later. Throws when the browser refuses
 * it; the worker is of no further use then.
 */
export async function loadRuntime(rung: Exclude<Rung, "server">, threads: number): Promise<Runtime> {
  const isWebgpu = rung === "webgpu";
  const ort: Ort = isWebgpu ? await import("onnxruntime-web/webgpu") : await import("onnxruntime-web/wasm");
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = rung === "wasm-threads" ? threads : 1;
  ort.env.wasm.wasmPaths = {
    mjs: absolute(isWebgpu ? asyncifyScript : wasmScript),
    wasm: absolute(isWebgpu ? asyncifyBinary : wasmBinary),
  };
  const common: InferenceSession.SessionOptions = {
    executionProviders: [isWebgpu ? "webgpu" : "wasm"],
    ...SESSION_OPTIONS,
  };
  return async (graphs, manifest) => {
    const prepare = await ort.InferenceSession.create(new Uint8Array(graphs.prepare), {
      ...common,
      // What an adapter prepared stays in its memory.
      ...(isWebgpu && { preferredOutputLocation: "gpu-buffer" as const }),
    });
    const makeClick = (freeDimensionOverrides: Record<string, number>) =>
      ort.InferenceSession.create(new Uint8Array(graphs.click), { ...common, freeDimensionOverrides });
    const makeTensor = (data: Float32Array, dims: readonly number[]): Tensor =>
      new ort.Tensor("float32", data, dims);
    return new OrtDecoder(prepare, makeClick, makeTensor, manifest);
  };
}

function absolute(path: string): string {
  return new URL(path, globalThis.location.href).href;
}

/** The ways to run the decoder, best first. */
export const RUNGS = ["webgpu", "wasm-threads", "wasm", "server"] as const;
export type Rung = (typeof RUNGS)[number];

export const RUNG_NAMES: Record<Rung, string> = {
  webgpu: "WebGPU",
  "wasm-threads": "WASM SIMD, threads",
  wasm: "WASM SIMD, 1 thread",
  server: "Server",
};

/** What the browser offers, as measured inside a worker (`capabilities.ts`). */
export interface Capabilities {
  readonly isCrossOriginIsolated: boolean;
  readonly hasSharedArrayBuffer: boolean;
  readonly hasWasm: boolean;
  readonly hasSimd: boolean;
  readonly hasWasmThreads: boolean;
  readonly cores: number;
  /** null without an adapter; `isSoftware` when the adapter only imitates a GPU on the processor. */
  readonly gpu: { readonly name: string; readonly isSoftware: boolean } | null;
}

export interface RungVerdict {
  readonly rung: Rung;
  readonly isAvailable: boolean;
  readonly reason: string;
}

/** Which rungs this browser can try, with the reason for each; the server rung is always there. */
export function judgeRungs(capabilities: Capabilities): RungVerdict[] {
  return RUNGS.map((rung) => {
    const obstacle = obstacleOf(rung, capabilities);
    return { rung, isAvailable: obstacle === null, reason: obstacle ?? reasonFor(rung, capabilities) };
  });
}

/**
 * Numbers of threads worth timing on the threaded rung: two, and up to four where there are cores. Which of them, or
 * one thread alone, is fastest depends on what else the machine does: two threads on two busy cores are slower than
 * one, as each waits for the other.
 */
export function threadCounts(cores: number): number[] {
  return [...new Set([2, Math.min(4, cores)])].filter((threads) => threads >= 2);
}

function obstacleOf(rung: Rung, capabilities: Capabilities): string | null {
  switch (rung) {
    case "webgpu":
      if (!capabilities.gpu) return "The browser offers no WebGPU adapter.";
      if (capabilities.gpu.isSoftware) return "The only WebGPU adapter imitates a GPU on the processor.";
      return null;
    case "wasm-threads":
      if (!capabilities.hasWasm) return "WebAssembly is switched off.";
      if (!capabilities.hasSimd) return "WebAssembly has no SIMD here.";
      if (!capabilities.isCrossOriginIsolated) return "The page is not cross-origin isolated.";
      if (!capabilities.hasSharedArrayBuffer) return "SharedArrayBuffer is missing.";
      if (!capabilities.hasWasmThreads) return "WebAssembly has no threads here.";
      if (capabilities.cores < 2) return "There is only one processor core.";
      return null;
    case "wasm":
      if (!capabilities.hasWasm) return "WebAssembly is switched off.";
      if (!capabilities.hasSimd) return "WebAssembly has no SIMD here.";
      return null;
    case "server":
      return null;
  }
}

function reasonFor(rung: Rung, capabilities: Capabilities): string {
  switch (rung) {
    case "webgpu":
      return `Adapter ${capabilities.gpu?.name ?? ""}; used if it agrees with WebAssembly and is faster.`;
    case "wasm-threads":
      return `Cross-origin isolated, ${capabilities.cores} cores; used if it is faster than one thread.`;
    case "wasm":
      return "WebAssembly with SIMD.";
    case "server":
      return "Always there: one request per mask.";
  }
}

import type { Capabilities } from "./rungs";

// The smallest module using a v128 instruction: () => i8x16.popcnt(i8x16.splat(0)).
const SIMD_MODULE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
];
// The smallest module with a shared memory and an atomic load.
const THREADS_MODULE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1, 10, 11, 1, 9, 0, 65, 0, 254,
  16, 2, 0, 26, 11,
];

/** Measures what this worker can use. Never throws: what fails is absent. */
export async function measureCapabilities(): Promise<Capabilities> {
  const hasWasm = typeof WebAssembly === "object";
  return {
    isCrossOriginIsolated: globalThis.crossOriginIsolated,
    hasSharedArrayBuffer: typeof SharedArrayBuffer === "function",
    hasWasm,
    hasSimd: hasWasm && WebAssembly.validate(Uint8Array.from(SIMD_MODULE)),
    hasWasmThreads: hasWasm && WebAssembly.validate(Uint8Array.from(THREADS_MODULE)),
    cores: navigator.hardwareConcurrency || 1,
    gpu: await findAdapter(),
  };
}

async function findAdapter(): Promise<Capabilities["gpu"]> {
  try {
    const gpu = (navigator as { gpu?: GPU }).gpu;
    const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter) return null;
    const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
    const name = [vendor, architecture, description].filter(Boolean).join(" ") || "unnamed";
    return { name, isSoftware: isFallbackAdapter || /swiftshader|llvmpipe|software/i.test(name) };
  } catch {
    return null;
  }
}

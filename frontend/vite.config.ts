/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The server answers every page under one origin: the bundle lives below /static/, the API below /api/.
export default defineConfig({
  base: "/static/",
  plugins: [react()],
  resolve: {
    // Take onnxruntime's build that loads its WebAssembly from the paths we set: the files become hashed
    // assets of this build (see inference/runtimes.ts) and nothing is looked up relative to a bundle.
    conditions: ["onnxruntime-web-use-extern-wasm", "module", "browser", "development|production"],
  },
  worker: { format: "es" },
  build: {
    outDir: "dist",
    // Inlined fonts or images would need data: in the content security policy.
    assetsInlineLimit: 0,
    target: "es2022",
    chunkSizeWarningLimit: 900,
  },
  server: {
    port: 5173,
    headers: {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    },
    proxy: { "/api": "http://127.0.0.1:8000" },
  },
  test: {
    include: ["src/**/*.test.ts"],
    environment: "node",
  },
});

import { client, dataOf, fetchBytes } from "./client";
import type { ModelVersion } from "./types";

export async function fetchModels(): Promise<ModelVersion[]> {
  return (await dataOf(client.GET("/api/v1/models/"))).results;
}

/** The manifest as the server tells it; `sam/manifest.ts` reads it. */
export function fetchManifest(name: string, version: string): Promise<unknown> {
  return dataOf(
    client.GET("/api/v1/models/{name}/{version}/manifest.json", { params: { path: { name, version } } }),
  );
}

/** A graph of the decoder by the digest its manifest names: kept by the browser for ever. */
export function fetchGraph(
  name: string,
  version: string,
  graph: "prepare" | "click",
  sha256: string,
): Promise<ArrayBuffer> {
  const folder = `/api/v1/models/${encodeURIComponent(name)}/${encodeURIComponent(version)}`;
  return fetchBytes(`${folder}/${graph}.onnx?v=${sha256.slice(0, 12)}`);
}

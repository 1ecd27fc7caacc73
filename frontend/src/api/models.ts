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

export function fetchDecoder(name: string, version: string): Promise<ArrayBuffer> {
  return fetchBytes(`/api/v1/models/${encodeURIComponent(name)}/${encodeURIComponent(version)}/decoder.onnx`);
}

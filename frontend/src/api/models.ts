import { client, dataOf, fetchBytes } from "./client";
import { cursorOf } from "./projects";
import type { ModelVersion } from "./types";

/** All model versions of the server, the oldest first: pages are followed. */
export async function fetchModels(): Promise<ModelVersion[]> {
  const models: ModelVersion[] = [];
  let cursor: string | null = null;
  do {
    const page: { results: ModelVersion[]; next?: string | null } = await dataOf(
      client.GET("/api/v1/models/", { params: { query: cursor ? { cursor } : {} } }),
    );
    models.push(...page.results);
    cursor = cursorOf(page.next);
  } while (cursor);
  return models;
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

import { fetchGraph } from "../api/models";
import type { ModelFiles } from "../inference/protocol";
import type { Manifest } from "../sam/manifest";

/** The model as a worker wants it; the graphs only where decoding happens in this browser. */
export async function fetchModelFiles(manifest: Manifest, isLocal: boolean): Promise<ModelFiles> {
  if (!isLocal) return { manifest, graphs: null };
  const { name, version, graphs } = manifest;
  const [prepare, click] = await Promise.all([
    fetchGraph(name, version, "prepare", graphs.prepare),
    fetchGraph(name, version, "click", graphs.click),
  ]);
  return { manifest, graphs: { prepare, click } };
}

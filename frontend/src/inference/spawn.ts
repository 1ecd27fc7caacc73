import { WorkerClient, type ServerDecode } from "./workerClient";

/** A fresh decoder worker of this build. */
export function spawnDecoderWorker(serverDecode: ServerDecode): WorkerClient {
  const worker = new Worker(new URL("./decoder.worker.ts", import.meta.url), {
    type: "module",
    name: "anymask-decoder",
  });
  return new WorkerClient(worker, serverDecode);
}

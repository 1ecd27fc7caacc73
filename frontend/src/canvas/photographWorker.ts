import type { PhotographTile } from "./photographTiles";

export type ToPhotographWorker =
  | { readonly type: "open"; readonly bytes: ArrayBuffer }
  | { readonly type: "cut"; readonly tile: PhotographTile };

export type FromPhotographWorker =
  { readonly key: string; readonly bitmap: ImageBitmap } | { readonly key: string; readonly message: string };

interface Waiting {
  readonly resolve: (bitmap: ImageBitmap) => void;
  readonly reject: (error: Error) => void;
}

/** A large photograph in a worker of its own, which ends with it: all of its pixels are held there, 4 bytes each. */
export class PhotographWorker {
  private readonly waiting = new Map<string, Waiting>();
  private readonly worker = new Worker(new URL("./photograph.worker.ts", import.meta.url), {
    type: "module",
    name: "anymask-photograph",
  });
  private readonly opened: Promise<void>;

  constructor(bytes: Promise<ArrayBuffer>) {
    this.worker.onmessage = ({ data }: MessageEvent<FromPhotographWorker>) => this.receive(data);
    this.worker.onerror = (event) => {
      event.preventDefault();
      for (const { reject } of this.waiting.values()) reject(new Error(event.message));
      this.waiting.clear();
    };
    this.opened = bytes.then((file) => this.send({ type: "open", bytes: file }, [file]));
    this.opened.catch(() => undefined);
  }

  async cut(tile: PhotographTile): Promise<ImageBitmap> {
    await this.opened;
    return new Promise((resolve, reject) => {
      this.waiting.set(tile.key, { resolve, reject });
      this.send({ type: "cut", tile });
    });
  }

  end(): void {
    this.worker.terminate();
  }

  private send(message: ToPhotographWorker, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  private receive(message: FromPhotographWorker): void {
    const waiting = this.waiting.get(message.key);
    this.waiting.delete(message.key);
    if ("bitmap" in message) waiting?.resolve(message.bitmap);
    else waiting?.reject(new Error(message.message));
  }
}

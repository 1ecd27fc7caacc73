import type { FromPhotographWorker, ToPhotographWorker } from "./photographWorker";

// Decodes one photograph, once, away from the page, and cuts tiles out of it.
const scope = globalThis as unknown as {
  postMessage(message: FromPhotographWorker, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToPhotographWorker>) => void) | null;
};

let photograph: Promise<ImageBitmap> | null = null;

scope.onmessage = ({ data }) => {
  if (data.type === "open") photograph = createImageBitmap(new Blob([data.bytes]));
  else void cut(data);
};

async function cut({ tile }: Extract<ToPhotographWorker, { type: "cut" }>): Promise<void> {
  try {
    const whole = await photograph!;
    const reduction = 2 ** tile.level;
    const bitmap = await createImageBitmap(whole, tile.left, tile.top, tile.width, tile.height, {
      resizeWidth: Math.max(1, Math.round(tile.width / reduction)),
      resizeHeight: Math.max(1, Math.round(tile.height / reduction)),
      resizeQuality: "medium",
    });
    scope.postMessage({ key: tile.key, bitmap }, [bitmap]);
  } catch (error) {
    scope.postMessage({ key: tile.key, message: error instanceof Error ? error.message : String(error) });
  }
}

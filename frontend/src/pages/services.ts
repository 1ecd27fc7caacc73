import { createContext, useContext } from "react";
import { ApiError, NOT_AUTHENTICATED } from "../api/errors";
import { decodeOnServer } from "../api/images";
import { KeptBytes } from "../api/keptBytes";
import { createMask, deleteMask, updateMask } from "../api/masks";
import { DecoderBridge } from "../inference/bridge";
import { spawnDecoderWorker } from "../inference/spawn";
import { SaveQueue, type SaveFailure } from "../state/saveQueue";
import { LoadedPhotographs } from "./annotator/photographs";
import { MaskClipboard } from "./annotator/copying";
import { maskCreateBody, maskUpdateBody } from "./annotator/records";

/** Called when the server's version of a mask won; `error` carries it. */
export type ConflictListener = (id: string, error: unknown) => void;

/** What lives as long as the tab: leaving an image neither stops saving nor unloads the decoder. */
export interface Services {
  readonly bridge: DecoderBridge;
  readonly queue: SaveQueue;
  readonly embeddings: KeptBytes;
  readonly photographs: LoadedPhotographs;
  readonly clipboard: MaskClipboard;
  /** Listens for conflicts on one image. Returns the end of it. */
  onConflict(imageId: number, listener: ConflictListener): () => void;
}

export function createServices(): Services {
  const conflictListeners = new Map<number, ConflictListener>();
  const queue = new SaveQueue(
    {
      create: (imageId, mask) => createMask(imageId, maskCreateBody(mask)),
      update: (mask, revision) => updateMask(mask.id, maskUpdateBody(mask, revision)),
      remove: deleteMask,
    },
    classifyFailure,
    (id, imageId, error) => conflictListeners.get(imageId)?.(id, error),
  );
  return {
    bridge: new DecoderBridge(() => spawnDecoderWorker(decodeOnServer)),
    queue,
    embeddings: new KeptBytes(),
    photographs: new LoadedPhotographs(),
    clipboard: new MaskClipboard(),
    onConflict: (imageId, listener) => {
      conflictListeners.set(imageId, listener);
      return () => {
        if (conflictListeners.get(imageId) === listener) conflictListeners.delete(imageId);
      };
    },
  };
}

/** A session that ended is a passing reason: after logging in again the same request succeeds. */
function classifyFailure(error: unknown): SaveFailure {
  if (!(error instanceof ApiError)) {
    return {
      kind: "refused",
      code: "unexpected",
      message: error instanceof Error ? error.message : String(error),
    };
  }
  const { code, message } = error;
  if (code === "mask.stale_revision") return { kind: "stale", code, message };
  if (error.status === 404) return { kind: "gone", code, message };
  if (error.isTransient || error.status === 401 || code === NOT_AUTHENTICATED || error.status === 403) {
    return { kind: "later", code, message };
  }
  return { kind: "refused", code, message };
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error("useServices needs a ServicesContext above it");
  return services;
}

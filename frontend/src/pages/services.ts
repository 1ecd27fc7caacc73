import { createContext, useContext } from "react";
import { isLoggedOut } from "../api/errors";
import { decodeOnServer } from "../api/images";
import { KeptBytes } from "../api/keptBytes";
import { DecoderBridge } from "../inference/bridge";
import { spawnDecoderWorker } from "../inference/spawn";
import { DatabaseDoor } from "../journal/database";
import { DurableJournal } from "../journal/durableJournal";
import { ImageHistory } from "../journal/histories";
import { browserTabs, onWakeUp } from "../journal/tabs";
import { SaveQueue } from "../state/saveQueue";
import { MaskClipboard } from "./annotator/copying";
import { LoadedPhotographs } from "./annotator/photographs";
import { classifyFailure, sendChange } from "./saving";
import { SessionWatch } from "./sessionWatch";

/** What lives as long as the tab: leaving an image neither stops saving nor unloads the decoder. */
export interface Services {
  readonly bridge: DecoderBridge;
  readonly queue: SaveQueue;
  readonly embeddings: KeptBytes;
  readonly photographs: LoadedPhotographs;
  readonly clipboard: MaskClipboard;
  readonly session: SessionWatch;
  /** What one person can undo on one image, also after a reload. */
  historyOf(ownerId: number, imageId: number): ImageHistory;
}

export function createServices(): Services {
  const door = new DatabaseDoor();
  const session = new SessionWatch();
  const queue = new SaveQueue(
    new DurableJournal(door),
    sendChange,
    (error) => {
      if (isLoggedOut(error)) session.ended();
      return classifyFailure(error);
    },
    browserTabs(),
  );
  onWakeUp(() => queue.wake());
  return {
    bridge: new DecoderBridge(() => spawnDecoderWorker(decodeOnServer)),
    queue,
    embeddings: new KeptBytes(),
    photographs: new LoadedPhotographs(),
    clipboard: new MaskClipboard(),
    session,
    historyOf: (ownerId, imageId) => new ImageHistory(door, ownerId, imageId),
  };
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error("useServices needs a ServicesContext above it");
  return services;
}

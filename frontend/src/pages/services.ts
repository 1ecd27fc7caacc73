import { createContext, useContext } from "react";
import { fetchMe } from "../api/auth";
import { isLoggedOut } from "../api/errors";
import { decodeOnServer } from "../api/images";
import { KeptBytes } from "../api/keptBytes";
import { DecoderBridge } from "../inference/bridge";
import { spawnDecoderWorker } from "../inference/spawn";
import { DatabaseDoor } from "../journal/database";
import { DurableJournal } from "../journal/durableJournal";
import { forgetHistoriesOf, ImageHistory } from "../journal/histories";
import { browserTabs, onWakeUp } from "../journal/tabs";
import { ActiveClock, watchActivity } from "../state/activeClock";
import { SaveQueue } from "../state/saveQueue";
import { MaskClipboard } from "./annotator/copying";
import { LoadedPhotographs } from "./annotator/photographs";
import { classifyFailure, sendChange, sendDecisions } from "./saving";
import { SessionWatch } from "./sessionWatch";
import { Uploads } from "./uploads";

/** What lives as long as the tab: leaving an image neither stops saving nor unloads the decoder. */
export interface Services {
  readonly bridge: DecoderBridge;
  readonly queue: SaveQueue;
  readonly embeddings: KeptBytes;
  readonly photographs: LoadedPhotographs;
  readonly clipboard: MaskClipboard;
  readonly uploads: Uploads;
  readonly session: SessionWatch;
  /** How long the person has been at work in this tab. */
  readonly clock: ActiveClock;
  /** What one person can undo on one image, also after a reload. */
  historyOf(ownerId: number, imageId: number): ImageHistory;
  readonly forgetHistories: (ownerId: number) => Promise<void>;
}

export function createServices(): Services {
  const door = new DatabaseDoor();
  const session = new SessionWatch(async () => {
    const { id } = await fetchMe();
    return id === queue.book.owner?.id;
  });
  const queue = new SaveQueue(
    new DurableJournal(door),
    async (change, request) => {
      const answer = await sendChange(change, request);
      // Only its owner's session may send a change.
      session.opened();
      return answer;
    },
    (error) => {
      if (isLoggedOut(error)) session.ended();
      return classifyFailure(error);
    },
    browserTabs(),
    async (owner, imageId, decisions) => {
      await sendDecisions(owner, imageId, decisions);
      session.opened();
    },
  );
  const clock = new ActiveClock();
  watchActivity(clock);
  onWakeUp(() => queue.wake());
  session.subscribe(() => {
    if (session.getState() === "open") queue.wake();
  });
  return {
    bridge: new DecoderBridge(() => spawnDecoderWorker(decodeOnServer)),
    queue,
    embeddings: new KeptBytes(),
    photographs: new LoadedPhotographs(),
    clipboard: new MaskClipboard(),
    uploads: new Uploads(),
    session,
    clock,
    historyOf: (ownerId, imageId) => new ImageHistory(door, ownerId, imageId),
    forgetHistories: (ownerId) => forgetHistoriesOf(door, ownerId),
  };
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error("useServices needs a ServicesContext above it");
  return services;
}

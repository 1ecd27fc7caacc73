import { fetchMaskChanges } from "../../api/masks";
import type { MaskChanges } from "../../api/types";
import type { Steps } from "../../state/history";
import type { Services } from "../services";

/** What is known of an image's masks when one comes to it; the feed of changes goes on from there. */
export interface OpenedMasks {
  readonly changes: MaskChanges;
  readonly history: { save(steps: Steps): void };
  /** What this person can undo from earlier visits. */
  readonly steps: Steps;
}

/** Reads the masks, what waits for the server, and what can be undone. Throws `ApiError`. */
export async function openMasks(services: Services, ownerId: number, imageId: number): Promise<OpenedMasks> {
  const history = services.historyOf(ownerId, imageId);
  const [changes, steps] = await Promise.all([
    fetchMaskChanges(imageId, null),
    history.load(),
    services.queue.ready,
  ]);
  return { changes, history, steps };
}

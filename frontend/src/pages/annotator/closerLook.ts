import { fetchCrop, requestCrop } from "../../api/crops";
import type { Crop, ImageDetail } from "../../api/types";
import type { ImageBox } from "../../geometry/boxes";
import { boxInside, cropWindow, windowContains } from "../../geometry/crops";
import { imageKey } from "../../inference/imageKeys";
import { modelKey } from "../../sam/manifest";
import type { Prompts } from "../../sam/prompts";
import type { Services } from "../services";

/** What prompts are decoded against: the image, or a window of it with an embedding of its own. */
export interface Outlook {
  readonly key: string;
  readonly window: ImageBox | null;
}

export type LookState = "none" | "coming" | "ready" | "failed";

const POLL_MS = 250;
/** Nobody waits longer for a sharper outline; a later box may find it there. */
const PATIENCE_MS = 30_000;

/**
 * Small objects fill few cells of the image's grid. Where a box frames one, its surroundings are embedded anew and what
 * lies in them is decoded from there.
 */
export class CloserLook {
  private window: ImageBox | null = null;
  private state: LookState = "none";
  private abort: AbortController | null = null;

  constructor(
    private image: ImageDetail,
    private readonly services: Pick<Services, "bridge" | "embeddings">,
    private readonly onState: (state: LookState) => void,
    /** The server has embedded the surroundings with another model than the image is worked with here. */
    private readonly onOtherModel: () => void,
  ) {}

  /** The image has another embedding, maybe of another model: what was looked at was by the one of before. */
  workWith(image: ImageDetail): void {
    if (modelKey(image.embedding.model) !== modelKey(this.image.embedding.model)) this.end();
    this.image = image;
  }

  /** The window, where it is ready and holds all the prompts, else the whole image. */
  outlook(prompts: Prompts): Outlook {
    const { window } = this;
    const isHeld =
      window !== null &&
      this.state === "ready" &&
      prompts.points.every(({ point }) => windowContains(window, point)) &&
      (prompts.box === null || boxInside(window, prompts.box));
    return { key: imageKey(this.image.id, isHeld ? window : null), window: isHeld ? window : null };
  }

  /**
   * Looks at the surroundings of a box, if it is small. Resolves true when they have just become ready; of several boxes
   * with the same surroundings the first is told.
   */
  async at(box: ImageBox): Promise<boolean> {
    const window = cropWindow(box, { height: this.image.height, width: this.image.width });
    if (!window) {
      this.end();
      return false;
    }
    if (this.window && this.state !== "failed" && imageKey(0, window) === imageKey(0, this.window))
      return false;
    this.end();
    const abort = new AbortController();
    this.abort = abort;
    this.window = window;
    this.become("coming");
    try {
      await this.open(window, abort.signal);
    } catch {
      // The mask of the whole image is there all the same.
      if (!abort.signal.aborted) this.become("failed");
      return false;
    }
    if (abort.signal.aborted) return false;
    this.become("ready");
    return true;
  }

  /** The object is done with, or given up. */
  end(): void {
    this.abort?.abort();
    this.abort = null;
    this.window = null;
    this.become("none");
  }

  private become(state: LookState): void {
    if (state === this.state) return;
    this.state = state;
    this.onState(state);
  }

  private async open(window: ImageBox, signal: AbortSignal): Promise<void> {
    const { bridge, embeddings } = this.services;
    const model = modelKey(this.image.embedding.model);
    const key = imageKey(this.image.id, window);
    const opening = bridge.keepOpen(key, model);
    if (opening) return opening;
    const crop = await this.embedded(window, signal);
    const made = modelKey(crop.embedding.model);
    if (made !== model) {
      this.onOtherModel();
      throw new Error(`the window is embedded by ${made}, the image by ${model}`);
    }
    const isLocal = await bridge.needsFiles();
    const embedding = isLocal ? await embeddings.fetch(crop.embedding_url, signal) : null;
    signal.throwIfAborted();
    await bridge.open({
      key,
      model,
      size: { height: this.image.height, width: this.image.width },
      window,
      embedding,
    });
  }

  private async embedded(window: ImageBox, signal: AbortSignal): Promise<Crop> {
    const until = performance.now() + PATIENCE_MS;
    let crop = await requestCrop(this.image.id, window);
    while (crop.embedding.state !== "ready") {
      if (crop.embedding.state === "failed") throw new Error(crop.embedding.error_message);
      if (performance.now() > until) throw new Error("the window was not embedded in time");
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      signal.throwIfAborted();
      crop = await fetchCrop(this.image.id, window);
    }
    return crop;
  }
}

import { describeError, isLoggedOut } from "../../api/errors";
import { fetchImageProposals, type Proposal as Listed } from "../../api/proposals";
import { imagePoint } from "../../geometry/points";
import { indexMask } from "../../masks/columns";
import { fromCoco } from "../../masks/rleString";
import type { ChangeBook } from "../../state/changeBook";
import { runProposalsLoaded, type Proposal } from "../../state/proposals";
import type { AnnotationStore } from "../../state/store";

interface Host {
  readonly imageId: number;
  readonly store: AnnotationStore;
  readonly book: Pick<ChangeBook, "decisionsFor" | "subscribe">;
  readonly show: (change: { readonly proposalsFailure: { code: string; message: string } | null }) => void;
  readonly onLoggedOut: () => void;
}

/** Masks are made ready for drawing so many at a time: the first click does not wait for hundreds. */
const AT_ONCE = 40;

/** What runs of the server's found on an image: read when it is opened, and again when one that is not here is opened again. */
export class RunProposals {
  private readonly ending = new AbortController();
  /** Opened again by a step back, and not known here: the server tells them once it has heard of that. */
  private readonly awaited = new Set<string>();

  constructor(private readonly host: Host) {}

  /** Reads them, and goes on listening. Returns the end of it. */
  enter(): () => void {
    void this.load();
    const leave = this.host.book.subscribe(() => this.lookAgain());
    return () => {
      leave();
      this.ending.abort();
    };
  }

  /** These were opened again. */
  reopened(ids: readonly string[]): void {
    const { found } = this.host.store.getState().proposals;
    for (const id of ids) if (!found.has(id)) this.awaited.add(id);
  }

  /** Never throws: an image can be worked on without them, and the failure is shown. */
  load = async (): Promise<void> => {
    const { signal } = this.ending;
    try {
      const listed = await fetchImageProposals(this.host.imageId, signal);
      const loaded: Proposal[] = [];
      for (const proposal of listed) {
        loaded.push(proposalOf(proposal));
        if (loaded.length % AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve));
      }
      if (signal.aborted) return;
      const decisions = this.host.book.decisionsFor(this.host.imageId);
      const rejected = new Set(
        [...decisions].filter(([, decision]) => decision === "reject").map(([id]) => id),
      );
      this.host.store.applyRemote((state) => runProposalsLoaded(state, loaded, rejected));
      this.host.show({ proposalsFailure: null });
    } catch (error) {
      if (signal.aborted) return;
      if (isLoggedOut(error)) this.host.onLoggedOut();
      this.host.show({ proposalsFailure: describeError(error) });
    }
  };

  private lookAgain(): void {
    if (this.awaited.size === 0) return;
    const waiting = this.host.book.decisionsFor(this.host.imageId);
    if ([...this.awaited].some((id) => waiting.has(id))) return;
    this.awaited.clear();
    void this.load();
  }
}

/** Throws `RangeError` when the run lengths are broken. */
function proposalOf(listed: Listed): Proposal {
  const [height, width] = listed.segmentation.size as [number, number];
  const mask = indexMask(fromCoco({ size: [height, width], counts: listed.segmentation.counts }));
  const [at] = listed.point_coords;
  // The grid's points lie between pixels; a click is a pixel of the image.
  const pixel = (value: number, length: number) => Math.min(length - 1, Math.max(0, Math.floor(value)));
  return {
    id: listed.id,
    point: at ? imagePoint(pixel(at[0]!, width), pixel(at[1]!, height)) : null,
    candidate: {
      candidate: 0,
      predictedIou: listed.predicted_iou,
      stabilityScore: listed.stability_score,
      lowRes: null,
      mask,
      model: listed.model,
    },
    run: { stage: listed.stage, labelId: listed.label },
  };
}

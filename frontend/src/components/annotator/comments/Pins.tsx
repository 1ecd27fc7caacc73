import { imageToView } from "../../../geometry/frames";
import { imagePoint, type ImagePoint } from "../../../geometry/points";
import type { Size } from "../../../geometry/size";
import type { Viewport } from "../../../geometry/viewport";
import type { Thread } from "../../../api/types";
import { firstWords, isOpen } from "../../../state/threads";

interface Props {
  readonly threads: readonly Thread[];
  readonly openedId: string | null;
  /** Where one is being written that has no number yet. */
  readonly newAt: ImagePoint | null;
  readonly viewport: Viewport;
  readonly room: Size;
  readonly onOpen: (threadId: string) => void;
}

/** Threads at their places on the image: the pin's lower left corner is the place, its size the same at every zoom. */
export function Pins({ threads, openedId, newAt, viewport, room, onOpen }: Props) {
  const placeOf = (at: ImagePoint) => {
    const { x, y } = imageToView(viewport, at);
    return x >= 0 && y >= 0 && x <= room.width && y <= room.height ? { left: x, top: y } : null;
  };
  const newPlace = newAt && placeOf(newAt);
  return (
    <div className="pins" role="group" aria-label="Comments on the image">
      {threads.map((thread) => {
        const place = placeOf(imagePoint(thread.x, thread.y));
        if (!place) return null;
        const state = isOpen(thread) ? "open" : "resolved";
        return (
          <button
            key={thread.id}
            type="button"
            className="pin"
            style={place}
            data-state={state}
            data-opened={thread.id === openedId}
            data-testid="pin"
            aria-expanded={thread.id === openedId}
            aria-label={`Thread ${thread.number}, ${state}: ${firstWords(thread).slice(0, 80)}`}
            onClick={() => onOpen(thread.id)}
          >
            {thread.number}
          </button>
        );
      })}
      {newPlace && (
        <div className="pin" style={newPlace} data-state="new" data-testid="pin-new" aria-hidden />
      )}
    </div>
  );
}

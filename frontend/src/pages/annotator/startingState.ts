import type { ImageDetail } from "../../api/types";
import { initialState, type AnnotationState, type SavedMask } from "../../state/annotation";
import type { ChangeBook } from "../../state/changeBook";
import { rejectedBy } from "../../state/history";
import type { OpenedMasks } from "./openMasks";
import { savedMaskOf } from "./records";

/** What one begins with on an image: what was saved, under what waits to be. */
export function startingState(
  image: ImageDetail,
  opened: OpenedMasks,
  labelId: number | null,
  book: Pick<ChangeBook, "waitingFor">,
): AnnotationState {
  const all = new Map<string, SavedMask>(opened.changes.masks.map((mask) => [mask.id, savedMaskOf(mask)]));
  for (const [id, waiting] of book.waitingFor(image.id)) {
    if (waiting) all.set(id, waiting);
    else all.delete(id);
  }
  const state = initialState({ height: image.height, width: image.width }, [...all.values()]);
  const proposals = { ...state.proposals, rejectedIds: rejectedBy(opened.steps) };
  return { ...state, labelId, proposals };
}

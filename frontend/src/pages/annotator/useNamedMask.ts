import { useCallback, useEffect, type RefObject } from "react";
import { useNavigate, useSearchParams } from "react-router";
import type { StageHandle } from "../../components/annotator/CanvasStage";
import { boundsOf } from "../../masks/bounds";
import { maskSelected } from "../../state/selection";
import type { Hint } from "../../tools/keymap";
import type { AnnotationSession } from "./session";

const NAME = "mask";

/** The mask that an address names (`/images/7?mask=...`) is selected and brought into view. Returns the way to one. */
export function useNamedMask(
  session: AnnotationSession,
  imageId: number,
  stage: RefObject<StageHandle | null>,
  onHint: (hint: Hint) => void,
): (imageId: number, maskId: string) => void {
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const named = params.get(NAME);
  const find = useCallback(
    (maskId: string) => {
      const found = session.store.getState().masks.get(maskId);
      if (!found) {
        onHint("That mask is not on this image any more.");
        return;
      }
      session.store.apply((now) => maskSelected(now, maskId));
      const box = boundsOf([found.mask]);
      if (box) stage.current?.bringIntoView(box);
    },
    [session, stage, onHint],
  );
  useEffect(() => {
    if (named === null) return;
    find(named);
    // Done once: whoever comes back to the address later selects for themselves.
    setParams({}, { replace: true });
  }, [named, find, setParams]);
  return useCallback(
    (target, maskId) => {
      if (target === imageId) find(maskId);
      else void navigate(`/images/${target}?${NAME}=${encodeURIComponent(maskId)}`);
    },
    [find, imageId, navigate],
  );
}

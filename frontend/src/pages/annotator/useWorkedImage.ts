import { useEffect, useLayoutEffect, useState } from "react";
import type { ImageDetail } from "../../api/types";
import { hasDraft, type AnnotationState } from "../../state/annotation";
import type { Services } from "../services";
import type { AnnotationSession } from "./session";
import { isAsking } from "./promptingView";
import type { SessionView } from "./sessionView";
import { embeddingKey, modelOf, prepareImage } from "./useDecoder";

/**
 * The image as it is worked with: what the server tells of it now, but by the model of before while another one is not
 * loaded here yet, and while a mask is being made. What was prompted of one model is no use to another.
 */
export function useWorkedImage(
  services: Pick<Services, "bridge" | "embeddings">,
  session: AnnotationSession,
  image: ImageDetail,
  state: AnnotationState,
  view: SessionView,
): ImageDetail {
  const [before, setBefore] = useState(image);
  const [prepared, setPrepared] = useState<string | null>(null);
  const isWanted = isOtherModel(before, image);
  const wanted = embeddingKey(image);
  useEffect(() => {
    if (!isWanted) return;
    const abort = new AbortController();
    prepareImage(services, image, abort.signal).then(
      () => abort.signal.aborted || setPrepared(wanted),
      // It is worked with as before. The next image says what is wrong with the model.
      () => undefined,
    );
    return () => abort.abort();
    // Polling makes new objects of the same image.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [services, isWanted, image.id, wanted]);

  const isAtRest = !isMaking(state, view) && prepared === wanted;
  const worked = workedWith(before, image, isAtRest);
  if (worked === image && before !== image) setBefore(image);
  const workedKey = embeddingKey(worked);
  useLayoutEffect(() => {
    session.workWith(worked);
    // Of the image only its embedding may differ.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [session, workedKey]);
  return worked;
}

/** Whether the image is shown with a finished embedding of one model, and is to be with another's. */
export function isOtherModel(before: ImageDetail, image: ImageDetail): boolean {
  return before.embedding.state === "ready" && modelOf(before) !== modelOf(image);
}

/** `image`, or while another model is not to be taken yet, `image` with the embedding it has been worked with. */
export function workedWith(before: ImageDetail, image: ImageDetail, mayTakeOther: boolean): ImageDetail {
  if (!isOtherModel(before, image)) return image;
  if (mayTakeOther && image.embedding.state === "ready") return image;
  return { ...image, embedding: before.embedding, embedding_url: before.embedding_url };
}

/** Whether prompts are on their way, or a mask waits to be accepted. */
function isMaking({ draft }: AnnotationState, view: SessionView): boolean {
  return hasDraft(draft) || isAsking(view) || view.search !== null || view.edited !== null;
}

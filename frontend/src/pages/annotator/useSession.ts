import { notifications } from "@mantine/notifications";
import { useEffect, useRef, useState } from "react";
import type { ImageDetail, Label } from "../../api/types";
import { useStable } from "../../components/common/useStable";
import type { ImageBox } from "../../geometry/boxes";
import type { Keymap } from "../../tools/keymap";
import { useServices } from "../services";
import { useMe } from "../session";
import { showHint } from "./hints";
import type { OpenedMasks } from "./openMasks";
import { AnnotationSession } from "./session";
import { restoreView, useRememberedView } from "./usePreferences";

interface Opening {
  readonly image: ImageDetail;
  readonly labels: readonly Label[];
  /** Masks get no label. */
  readonly isClassFree: boolean;
  readonly opened: OpenedMasks;
  readonly author: string;
  readonly onOtherModel: () => void;
  /** Brings a box of the image into view, unless it is; the same as long as the view stands. */
  readonly onShow: (box: ImageBox) => void;
}

/** The label last used, so that the next image starts with it; null is "label later". */
let lastLabelId: number | null | undefined;

export function rememberLabel(labelId: number | null): void {
  lastLabelId = labelId;
}

/** The session of an image, from the view's first drawing to its end, with the labels and keys there are at present. */
export function useSession(
  { image, labels, isClassFree, opened, author, onOtherModel, onShow }: Opening,
  keymap: Keymap,
): AnnotationSession {
  const services = useServices();
  const me = useMe();
  const latestKeymap = useRef(keymap);
  useEffect(() => {
    latestKeymap.current = keymap;
  }, [keymap]);
  const tellOtherModel = useStable(onOtherModel);
  // The keys are read when a hint is shown, never while drawing.
  // eslint-disable-next-line react-hooks/refs
  const [session] = useState(() => {
    const known = labels.find((label) => label.id === lastLabelId) ?? labels[0];
    const made = new AnnotationSession({
      image,
      opened,
      labelId: isClassFree || lastLabelId === null ? null : (known?.id ?? null),
      labels,
      isClassFree,
      author,
      services,
      onConflict: (message) => notifications.show({ color: "orange", title: "Changed elsewhere", message }),
      onHint: (hint) => showHint(hint, latestKeymap.current),
      onOtherModel: tellOtherModel,
      onShow,
    });
    restoreView(made.store, me.id, image.id);
    return made;
  });
  useEffect(() => session.enter(), [session]);
  useEffect(() => session.learnLabels(labels), [session, labels]);
  useRememberedView(session.store, me.id, image.id);
  return session;
}

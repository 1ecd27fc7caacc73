import { useMemo, useState } from "react";
import type { Label } from "../../api/types";
import type { ObjectActions } from "../../components/annotator/objects/objectActions";
import type { ImageBox } from "../../geometry/boxes";
import type { ImagePoint } from "../../geometry/points";
import { boundsOf } from "../../masks/bounds";
import type { AnnotationState } from "../../state/annotation";
import { masksRestacked } from "../../state/depth";
import { maskAt } from "../../state/hitTest";
import { objectRows, type ObjectRow, type Sorting } from "../../state/objectList";
import { masksDeleted, masksDescribed, masksRelabelled } from "../../state/objects";
import {
  maskSelected,
  maskSelectionExtended,
  maskSelectionToggled,
  masksLocked,
  masksSelected,
  selectedIds,
} from "../../state/selection";
import type { AnnotationStore } from "../../state/store";
import { masksHidden, soloToggled } from "../../state/visibility";
import type { Command } from "../../tools/commands";

/** The saved mask pointed at, and where: rows follow the image, the image marks what a row stands for. */
interface Hovered {
  readonly id: string;
  readonly isOnImage: boolean;
}

const RESTACKINGS = {
  bringToFront: "front",
  bringForward: "forward",
  sendBackward: "backward",
  sendToBack: "back",
} as const;

/** The object list of one image: what it shows, what can be done from it, and the commands that belong to it. */
export function useObjects(
  store: AnnotationStore,
  state: AnnotationState,
  labels: readonly Label[],
  show: (box: ImageBox) => void,
) {
  const [search, setSearch] = useState("");
  const [sorting, setSorting] = useState<Sorting>("made");
  const [pointed, setPointed] = useState<Hovered | null>(null);
  const [searchBox, setSearchBox] = useState<HTMLInputElement | null>(null);
  const rows = useMemo(
    () => objectRows(state.masks, labels, search, sorting),
    [state.masks, labels, search, sorting],
  );
  const authors = useMemo(() => {
    const names = [...state.masks.values()].flatMap(({ author }) => (author === null ? [] : [author]));
    return [...new Set(names)].sort();
  }, [state.masks]);
  const hovered = pointed && state.masks.has(pointed.id) ? pointed : null;

  const actions = useMemo(
    () => objectActions(store, rows, labels, show, setPointed),
    [store, rows, labels, show],
  );

  /** Runs a command of the list. Returns whether it was one. */
  const run = ({ name }: Command): boolean => {
    const ids = selectedIds(store.getState());
    switch (name) {
      case "selectAll":
        actions.selectAll();
        return true;
      case "searchObjects":
        searchBox?.focus();
        return true;
      case "hideSelected":
        if (ids.length > 0) actions.hide(ids, true);
        else actions.hide([...state.hiddenIds], false);
        return true;
      case "lockSelected":
        if (ids.length > 0) actions.lock(ids, true);
        else actions.lock([...state.lockedIds], false);
        return true;
      case "solo":
        actions.solo(ids);
        return true;
      case "zoomToObject":
        actions.zoomTo(ids);
        return true;
      case "bringToFront":
      case "bringForward":
      case "sendBackward":
      case "sendToBack":
        actions.restack(ids, RESTACKINGS[name]);
        return true;
      default:
        return false;
    }
  };
  const pointAt = (pixel: ImagePoint | null) => {
    const mask = pixel && maskAt(store.getState(), pixel.x, pixel.y);
    if ((mask?.id ?? null) !== (pointed?.id ?? null)) setPointed(mask && { id: mask.id, isOnImage: true });
  };
  return {
    rows,
    authors,
    search,
    setSearch,
    sorting,
    setSorting,
    hovered,
    setSearchBox,
    actions,
    run,
    pointAt,
  };
}

export type Objects = ReturnType<typeof useObjects>;

function objectActions(
  store: AnnotationStore,
  rows: readonly ObjectRow[],
  labels: readonly Label[],
  show: (box: ImageBox) => void,
  point: (hovered: Hovered | null) => void,
): ObjectActions {
  const listed = () => rows.map(({ mask }) => mask.id);
  return {
    select: (id, mode) =>
      store.apply((now) => {
        if (mode === "toggle") return maskSelectionToggled(now, id);
        if (mode === "extend") return maskSelectionExtended(now, listed(), id);
        const isAlone = now.selectedId === id && now.alsoSelectedIds.size === 0;
        return maskSelected(now, isAlone ? null : id);
      }),
    selectAll: () => store.apply((now) => masksSelected(now, listed())),
    hover: (id) => point(id === null ? null : { id, isOnImage: false }),
    zoomTo: (ids) => {
      const { masks } = store.getState();
      const box = boundsOf(ids.flatMap((id) => masks.get(id)?.mask ?? []));
      if (box) show(box);
    },
    hide: (ids, isHidden) => store.apply((now) => masksHidden(now, ids, isHidden)),
    lock: (ids, isLocked) => store.apply((now) => masksLocked(now, ids, isLocked)),
    solo: (ids) => store.apply((now) => soloToggled(now, ids)),
    relabel: (ids, labelId) => store.apply((now) => masksRelabelled(now, ids, labelId, labels)),
    describe: (ids, attributeId, value) => store.apply((now) => masksDescribed(now, ids, attributeId, value)),
    restack: (ids, restacking) => store.apply((now) => masksRestacked(now, ids, restacking)),
    remove: (ids) => store.apply((now) => masksDeleted(now, ids)),
  };
}

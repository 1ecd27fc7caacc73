import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import type { ObjectRow as Row } from "../../../state/objectList";
import { ObjectRow } from "./ObjectRow";
import type { ObjectActions } from "./objectActions";

const ROW_HEIGHT = 44;
const PAGE = 10;
/** So long the mouse rests on a mask before the list follows: it would flicker under one that crosses the image. */
const FOLLOW_MS = 120;

interface Props {
  readonly rows: readonly Row[];
  readonly selectedId: string | null;
  readonly selected: ReadonlySet<string>;
  readonly hidden: (id: string) => boolean;
  readonly lockedIds: ReadonlySet<string>;
  /** The mask pointed at, here or on the image; rows follow the image. */
  readonly hoveredId: string | null;
  readonly isHoveredOnImage: boolean;
  readonly colorOf: (row: Row) => string;
  readonly actions: ObjectActions;
}

/** The rows that are in sight, of any number. The arrow keys walk through them; only one is a stop of Tab. */
export function ObjectRows(props: Props) {
  const { rows, actions, selectedId, hoveredId, isHoveredOnImage } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [stopId, setStopId] = useState<string | null>(null);
  const wantsFocus = useRef<string | null>(null);
  const indexOf = (id: string | null) => rows.findIndex(({ mask }) => mask.id === id);
  const stop = Math.max(0, indexOf(stopId));
  // Its functions are called while drawing and never kept, so that nothing memoised goes stale.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rows[index]!.mask.id,
    overscan: 3,
    // A list that follows the pointer may be drawn with the rest of the frame.
    useFlushSync: false,
    // The row with the focus stays, or the focus would be lost to the page.
    rangeExtractor: (range) => [...new Set([...defaultRangeExtractor(range), stop])].sort((a, b) => a - b),
  });

  /** Rows are of one height: where one lies need not be waited for, as the virtualizer would. */
  const reveal = (index: number) => {
    const list = scroller.current;
    if (!list || index < 0) return;
    const { scrollTop, clientHeight } = list;
    const top = index * ROW_HEIGHT;
    if (top < scrollTop) list.scrollTop = top;
    else if (top + ROW_HEIGHT > scrollTop + clientHeight) list.scrollTop = top + ROW_HEIGHT - clientHeight;
  };

  const shown = isHoveredOnImage ? hoveredId : null;
  useEffect(() => {
    if (shown === null) return;
    const following = setTimeout(() => reveal(indexOf(shown)), FOLLOW_MS);
    return () => clearTimeout(following);
    // Only when the pointer meets another mask: the list stays where it was scrolled to when it changes.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shown]);
  useEffect(() => {
    reveal(indexOf(selectedId));
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selectedId]);
  useEffect(() => {
    if (wantsFocus.current === null) return;
    const row = scroller.current?.querySelector<HTMLElement>(
      `[data-mask-id="${wantsFocus.current}"] [data-row-button]`,
    );
    if (!row) return;
    wantsFocus.current = null;
    row.focus({ preventScroll: true });
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE, Home: -Infinity, End: Infinity }[
      event.key
    ];
    const at = rows[stop];
    if (to !== undefined && at && !event.ctrlKey && !event.altKey) {
      const target = rows[Math.min(rows.length - 1, Math.max(0, stop + to))]!.mask.id;
      wantsFocus.current = target;
      setStopId(target);
      reveal(indexOf(target));
      if (event.shiftKey) {
        if (selectedId === null) actions.select(at.mask.id, "only");
        actions.select(target, "extend");
      }
    } else if (event.code === "Space" && event.ctrlKey && at) {
      actions.select(at.mask.id, "toggle");
    } else return;
    // These keys mean something else on the image.
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div ref={scroller} className="object-rows" data-testid="object-list">
      <div
        role="grid"
        aria-label="Saved masks"
        aria-multiselectable
        aria-rowcount={rows.length}
        style={{ height: virtualizer.getTotalSize(), position: "relative" }}
        onKeyDown={onKeyDown}
      >
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows[item.index]!;
          const { id } = row.mask;
          return (
            <ObjectRow
              key={item.key}
              row={row}
              index={item.index}
              color={props.colorOf(row)}
              isSelected={props.selected.has(id)}
              isHidden={props.hidden(id)}
              isLocked={props.lockedIds.has(id)}
              isHovered={id === hoveredId}
              isStop={item.index === stop}
              top={item.start}
              height={item.size}
              actions={actions}
              onFocus={setStopId}
            />
          );
        })}
      </div>
    </div>
  );
}

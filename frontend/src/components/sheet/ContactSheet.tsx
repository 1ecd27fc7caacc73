import { Center, Loader } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, type KeyboardEvent, type MouseEvent } from "react";
import { CAPTION_HEIGHT, cardId, SheetCard, type CardTexts, type SheetItem } from "./SheetCard";
import { moved, movedTo, NOTHING_SELECTED, toggledAt, type Selection } from "./sheetSelection";
import "./sheet.css";

const CELL = 132;
const GAP = 8;
/** So many rows from an end of what is loaded the next page is asked for. */
const NEAR_END = 4;

interface Props<Item extends SheetItem> {
  /** What it holds and in which order, for those who hear it. */
  readonly label: string;
  /** What is loaded; the first stands at `offset` of the whole list. */
  readonly items: readonly Item[];
  /** The same function as long as it says the same. */
  readonly textsOf: (item: Item) => CardTexts;
  readonly offset: number;
  readonly isMore: boolean;
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
  readonly onNearEnd: () => void;
  readonly onNearStart: () => void;
  readonly onOpen: (item: Item) => void;
  /** A key that the sheet itself has no use for. Returns whether somebody has. */
  readonly onKey: (key: string) => boolean;
}

/**
 * Cutouts in a dense grid, of which only the rows in sight are drawn. The arrows walk, with Shift they select, Space
 * selects one more; a click goes there, with Ctrl or Shift it selects as in any list.
 */
export function ContactSheet<Item extends SheetItem>(props: Props<Item>) {
  const { items, offset, isMore, selection, onSelect, onNearEnd, onNearStart, onOpen } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: sized, width } = useElementSize();
  const columns = Math.max(2, Math.floor((width + GAP) / (CELL + GAP)));
  const cell = Math.max(40, Math.floor((width - GAP * (columns - 1)) / columns));
  const end = offset + items.length;
  const rows = Math.ceil(end / columns) + (isMore ? 1 : 0);
  const currentRow = Math.floor(selection.at / columns);
  const stretch = { ids: items.map(({ id }) => id), offset };
  // Its functions are called while drawing and never kept, so that nothing memoised goes stale.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtualizer = useVirtualizer({
    count: width === 0 ? 0 : rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => cell + CAPTION_HEIGHT + GAP,
    overscan: 2,
    // The row one is at stays drawn: it is what a screen reader is told of.
    rangeExtractor: (range) =>
      [...new Set([...defaultRangeExtractor(range), currentRow])]
        .filter((row) => row < rows)
        .sort((a, b) => a - b),
  });
  useEffect(() => virtualizer.measure(), [virtualizer, cell]);
  const drawn = virtualizer.getVirtualItems();
  const { startIndex: firstRow, endIndex: lastRow } = virtualizer.range ?? { startIndex: 0, endIndex: 0 };
  useEffect(() => {
    if ((lastRow + NEAR_END) * columns >= end) onNearEnd();
    if ((firstRow - NEAR_END) * columns < offset) onNearStart();
  }, [firstRow, lastRow, columns, offset, end, onNearEnd, onNearStart]);

  const go = (next: Selection) => {
    onSelect(next);
    virtualizer.scrollToIndex(Math.floor(next.at / columns), { align: "auto" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    if (altKey || ((ctrlKey || metaKey) && key.toLowerCase() !== "a")) return;
    const inView = Math.max(
      1,
      Math.floor((scroller.current?.clientHeight ?? 0) / (cell + CAPTION_HEIGHT + GAP)),
    );
    const step = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: columns,
      ArrowUp: -columns,
      PageDown: columns * inView,
      PageUp: -columns * inView,
    }[key];
    if (step !== undefined) go(moved(selection, stretch, step, shiftKey));
    else if (key === "Home") go(movedTo(selection, stretch, offset, shiftKey));
    else if (key === "End") go(movedTo(selection, stretch, end - 1, shiftKey));
    else if (key === " ") onSelect(toggledAt(selection, stretch, selection.at));
    else if (key === "Escape" && selection.ids.size > 0)
      onSelect({ ...selection, ids: NOTHING_SELECTED.ids });
    else if ((ctrlKey || metaKey) && key.toLowerCase() === "a") {
      onSelect({ ...selection, ids: new Set(stretch.ids) });
    } else if (!props.onKey(key)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const press = (place: number, { shiftKey, ctrlKey, metaKey }: MouseEvent) => {
    if (ctrlKey || metaKey) onSelect(toggledAt(selection, stretch, place));
    else onSelect(movedTo(selection, stretch, place, shiftKey));
  };
  const current = items[selection.at - offset];
  return (
    <div
      ref={scroller}
      className="contact-sheet"
      role="listbox"
      aria-label={props.label}
      aria-multiselectable
      tabIndex={0}
      {...(current ? { "aria-activedescendant": cardId(current.id) } : {})}
      onKeyDown={onKeyDown}
      data-testid="contact-sheet"
      data-loaded={items.length}
      data-offset={offset}
    >
      <div ref={sized} role="presentation" style={{ height: virtualizer.getTotalSize() }}>
        {drawn.map(({ index: row, start }) => (
          <div key={row} role="presentation" className="sheet-row" style={{ top: start }}>
            {Array.from({ length: columns }, (_, column) => {
              const place = row * columns + column;
              const item = items[place - offset];
              if (!item) return <div key={column} role="presentation" style={{ width: cell }} />;
              return (
                <SheetCard
                  key={column}
                  item={item}
                  textsOf={props.textsOf}
                  place={place}
                  size={cell}
                  isCurrent={place === selection.at}
                  isSelected={selection.ids.has(item.id)}
                  onPress={press}
                  onOpen={onOpen}
                />
              );
            })}
          </div>
        ))}
      </div>
      {isMore && (
        <Center role="presentation" h={40}>
          <Loader size="sm" aria-label="Loading more" />
        </Center>
      )}
    </div>
  );
}

import { memo, type MouseEvent, type ReactNode } from "react";

/** What of a mask, or of what may become one, the sheet needs: no pixels but its cutout's. */
export interface SheetItem {
  readonly id: string;
  readonly cutoutUrl: string;
}

/** What a card says of its item. */
export interface CardTexts {
  /** Read aloud for it. */
  readonly name: string;
  readonly caption: string;
  /** At the other end of the caption. */
  readonly mark?: ReactNode;
  readonly state?: string;
}

interface Props<Item extends SheetItem> {
  readonly item: Item;
  readonly textsOf: (item: Item) => CardTexts;
  readonly place: number;
  readonly isCurrent: boolean;
  readonly isSelected: boolean;
  readonly size: number;
  readonly onPress: (place: number, event: MouseEvent) => void;
  readonly onOpen: (item: Item) => void;
}

export const CAPTION_HEIGHT = 22;

export function cardId(id: string): string {
  return `card-${id}`;
}

/** One mask on the sheet: its cutout, and a line about it. */
function Card<Item extends SheetItem>(props: Props<Item>) {
  const { item, textsOf, place, isCurrent, isSelected, size, onPress, onOpen } = props;
  const { name, caption, mark, state } = textsOf(item);
  return (
    <div
      id={cardId(item.id)}
      className="sheet-card"
      role="option"
      aria-selected={isSelected}
      aria-posinset={place + 1}
      aria-setsize={-1}
      aria-label={name}
      style={{ width: size, height: size + CAPTION_HEIGHT }}
      onClick={(event) => onPress(place, event)}
      onDoubleClick={() => onOpen(item)}
      data-testid="sheet-card"
      data-id={item.id}
      data-state={state}
      data-current={isCurrent}
    >
      <img src={item.cutoutUrl} alt="" width={size} height={size} draggable={false} decoding="async" />
      <div className="sheet-caption">
        <span>{caption}</span> {mark && <span className="sheet-state">{mark}</span>}
      </div>
    </div>
  );
}

export const SheetCard = memo(Card) as typeof Card;

import { IconCheck, IconStack2, IconX } from "@tabler/icons-react";
import { memo, type MouseEvent } from "react";
import type { ProposalState } from "../../api/proposals";
import { STATE_LOOKS } from "./outcomes";

/** What of a proposal the sheet shows: no pixels but its cutout's. */
export interface SheetItem {
  readonly id: string;
  readonly image: number;
  readonly fileName: string;
  readonly predictedIou: number;
  readonly stabilityScore: number;
  readonly area: number;
  readonly state: ProposalState;
  readonly cutoutUrl: string;
}

interface Props {
  readonly item: SheetItem;
  readonly place: number;
  readonly isCurrent: boolean;
  readonly isSelected: boolean;
  readonly size: number;
  readonly onPress: (place: number, event: MouseEvent) => void;
  readonly onOpen: (item: SheetItem) => void;
}

export const CAPTION_HEIGHT = 22;

const ICONS = { accepted: IconCheck, rejected: IconX, superseded: IconStack2 } as const;

export function cardId(id: string): string {
  return `proposal-${id}`;
}

/** One proposal on the sheet: its cutout, what the model thinks of it, what became of it. */
export const SheetCard = memo(function SheetCard(props: Props) {
  const { item, place, isCurrent, isSelected, size, onPress, onOpen } = props;
  const { name } = STATE_LOOKS[item.state];
  const Icon = item.state === "open" ? null : ICONS[item.state];
  return (
    <div
      id={cardId(item.id)}
      className="sheet-card"
      role="option"
      aria-selected={isSelected}
      aria-posinset={place + 1}
      aria-setsize={-1}
      aria-label={`${item.fileName}, predicted IoU ${item.predictedIou.toFixed(2)}, ${name.toLowerCase()}`}
      style={{ width: size, height: size + CAPTION_HEIGHT }}
      onClick={(event) => onPress(place, event)}
      onDoubleClick={() => onOpen(item)}
      data-testid="sheet-card"
      data-proposal-id={item.id}
      data-state={item.state}
      data-current={isCurrent}
    >
      <img src={item.cutoutUrl} alt="" width={size} height={size} draggable={false} decoding="async" />
      <div className="sheet-caption">
        <span>{item.predictedIou.toFixed(2)}</span>
        {Icon && (
          <span className="sheet-state">
            <Icon size={13} stroke={2.5} /> {name}
          </span>
        )}
      </div>
    </div>
  );
});

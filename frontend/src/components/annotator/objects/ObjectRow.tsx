import { IconEye, IconEyeOff, IconLock, IconLockOpen, IconTrash } from "@tabler/icons-react";
import { memo } from "react";
import { labelName, type ObjectRow as Row } from "../../../state/objectList";
import { percentage } from "../../common/formats";
import { useIsClassFree } from "../ClassFreeContext";
import type { ObjectActions } from "./objectActions";

interface Props {
  readonly row: Row;
  readonly index: number;
  readonly color: string;
  readonly isSelected: boolean;
  readonly isHidden: boolean;
  readonly isLocked: boolean;
  readonly isHovered: boolean;
  /** Whether Tab leads here; of all rows only one is a stop. */
  readonly isStop: boolean;
  /** In the list, in CSS pixels; apart, as a style made anew would draw every row at every hover. */
  readonly top: number;
  readonly height: number;
  readonly actions: ObjectActions;
  readonly onFocus: (id: string) => void;
}

/**
 * One saved mask: what it is, who made it, how sure the model was, and what can be done with it. Of plain elements: the list
 * follows the pointer over the image, and twenty new rows of styled components would cost half a frame more.
 */
export const ObjectRow = memo(function ObjectRow({ row, actions, isStop, ...rest }: Props) {
  const { mask, label, number } = row;
  const { isSelected, isHidden, isLocked } = rest;
  const isClassFree = useIsClassFree();
  const shown = isClassFree ? "Mask" : labelName(row);
  const name = `${mask.labelId === null && !isClassFree ? "Unlabelled mask" : shown} ${number}`;
  const details = detailsOf(row);
  const stop = { tabIndex: isStop ? 0 : -1 };
  return (
    <div
      role="row"
      aria-rowindex={rest.index + 1}
      aria-selected={isSelected}
      className="object-row"
      style={{ height: rest.height, transform: `translateY(${rest.top}px)` }}
      data-active={isSelected}
      data-hovered={rest.isHovered}
      data-testid="object-item"
      data-mask-id={mask.id}
      data-label={label?.name ?? ""}
      data-hidden={isHidden}
      data-locked={isLocked}
      data-z={mask.z}
      onMouseEnter={() => actions.hover(mask.id)}
      onMouseLeave={() => actions.hover(null)}
      onFocus={() => rest.onFocus(mask.id)}
    >
      <div role="gridcell" className="object-row-name">
        <button
          type="button"
          className="object-row-select"
          {...stop}
          data-row-button
          onClick={(event) => {
            // The second of a double click must not take back what the first one selected.
            if (event.detail > 1) return;
            actions.select(
              mask.id,
              event.shiftKey ? "extend" : event.ctrlKey || event.metaKey ? "toggle" : "only",
            );
          }}
          onDoubleClick={() => actions.zoomTo([mask.id])}
        >
          <span className="swatch" style={{ background: rest.color }} />
          <span className="object-row-texts">
            <span className="object-row-label" data-is-labelled={label !== null || isClassFree}>
              {shown} <span className="object-row-number">{number}</span>
            </span>
            <span className="object-row-details" title={details}>
              {details}
            </span>
          </span>
        </button>
      </div>
      <div role="gridcell" className="object-row-actions">
        <button
          type="button"
          className="object-row-action"
          {...stop}
          aria-label={isLocked ? `Unlock ${name}` : `Lock ${name}`}
          data-kind="lock"
          data-testid="mask-lock"
          data-on={isLocked}
          onClick={() => actions.lock([mask.id], !isLocked)}
        >
          {isLocked ? <IconLock size={14} /> : <IconLockOpen size={14} />}
        </button>
        <button
          type="button"
          className="object-row-action"
          {...stop}
          aria-label={isHidden ? `Show ${name}` : `Hide ${name}`}
          data-testid="mask-hide"
          data-on={isHidden}
          onClick={() => actions.hide([mask.id], !isHidden)}
        >
          {isHidden ? <IconEyeOff size={14} /> : <IconEye size={14} />}
        </button>
        <button
          type="button"
          className="object-row-action"
          {...stop}
          disabled={isLocked}
          aria-label={`Delete ${name}`}
          data-kind="delete"
          data-testid="mask-delete"
          onClick={() => actions.remove([mask.id])}
        >
          <IconTrash size={14} />
        </button>
      </div>
    </div>
  );
});

function detailsOf({ mask }: Row): string {
  const depth = mask.z === 0 ? [] : [`z ${mask.z}`];
  const iou = mask.predictedIou === null ? [] : [`IoU ${percentage(mask.predictedIou)}`];
  return [areaText(mask.mask.area), ...iou, ...depth, mask.author ?? ""].filter(Boolean).join(" · ");
}

function areaText(pixels: number): string {
  if (pixels < 10_000) return `${pixels} px`;
  return pixels < 1e6 ? `${Math.round(pixels / 1e3)} k px` : `${(pixels / 1e6).toFixed(1)} M px`;
}

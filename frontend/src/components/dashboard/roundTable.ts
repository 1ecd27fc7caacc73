import type { EngineRow } from "../../api/types";
import { dayText } from "./period";
import type { TableData } from "./DataTable";
import { decimalText, secondsText, shareText, wholeText } from "./figures";
import { roundName } from "./rounds";

type Line = readonly [name: string, cell: (row: EngineRow) => string];

const REASONS: Readonly<Record<NonNullable<EngineRow["reason"]>, string>> = {
  chosen: "chosen",
  promoted: "promoted",
  promoted_though_worse: "promoted though not better",
  rolled_back: "rolled back",
};

const LINES: readonly Line[] = [
  ["Model", ({ name }) => name],
  ["It came", ({ reason }) => (reason === null ? "with the project" : REASONS[reason])],
  ["Retrained from", ({ retrained_from }) => retrained_from ?? "–"],
  ["From", ({ since }) => dayText(since.slice(0, 10), true)],
  ["Until", ({ until }) => (until === null ? "now" : dayText(until.slice(0, 10), true))],
  ["Images annotated", ({ images }) => wholeText(images)],
  ["Masks", ({ masks }) => wholeText(masks)],
  ["Masks per image", ({ masks_per_image }) => decimalText(masks_per_image)],
  ["Masks by hand", ({ hand_masks }) => wholeText(hand_masks)],
  ["Seconds per mask by hand", ({ seconds_per_mask }) => secondsText(seconds_per_mask)],
  ["Clicks per mask by hand", ({ clicks_per_mask }) => decimalText(clicks_per_mask)],
  ["Masks from proposals", ({ prefilled }) => wholeText(prefilled)],
  ["as they were", ({ prefilled_untouched }) => wholeText(prefilled_untouched)],
  ["Share from proposals", ({ prefilled_share }) => shareText(prefilled_share)],
  ["Seconds per mask, both kinds", ({ seconds_per_any_mask }) => secondsText(seconds_per_any_mask)],
  ["Proposals accepted as they are", (row) => of(row.proposals_untouched, row.untouched_share)],
  ["Proposals accepted and put right", (row) => of(row.proposals_fixed, row.fixed_share)],
  ["Proposals rejected", (row) => of(row.proposals_rejected, row.rejected_share)],
  ["Proposals open", ({ proposals_open }) => wholeText(proposals_open)],
  ["Mean IoU", ({ miou }) => decimalText(miou, 3)],
  ["of the model it came from", ({ miou_before }) => decimalText(miou_before, 3)],
  ["Difference", differenceCell],
  ["Verdict", ({ verdict }) => verdict ?? "–"],
  ["Measured by", heldOutText],
  ["Trained on images", ({ train_images }) => wholeText(train_images)],
  ["Trained on masks", ({ train_masks }) => wholeText(train_masks)],
  ["Measured on images", ({ val_images }) => wholeText(val_images)],
  ["Measured on masks", ({ val_masks }) => wholeText(val_masks)],
];

/** All there is of each round, a column each. */
export function roundTable(rows: readonly EngineRow[]): TableData {
  return {
    caption: "The data engine by round",
    head: ["Figure", ...rows.map(roundName)],
    rows: LINES.map(([name, cell]) => [name, ...rows.map(cell)]),
  };
}

function of(count: number, share: number | null): string {
  return share === null ? wholeText(count) : `${wholeText(count)} (${shareText(share)})`;
}

/** "+0.012 (0.004 to 0.020)" */
function differenceCell({ miou_difference, miou_low, miou_high }: EngineRow): string {
  if (miou_difference === null) return "–";
  const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
  if (miou_low === null || miou_high === null) return signed(miou_difference);
  return `${signed(miou_difference)} (${signed(miou_low)} to ${signed(miou_high)})`;
}

function heldOutText({ is_held_out }: EngineRow): string {
  if (is_held_out === null) return "–";
  return is_held_out ? "images held out" : "images that picked it";
}

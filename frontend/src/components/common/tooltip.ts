import type { FloatingPosition } from "@mantine/core";

export const TOOLTIP = "data-tooltip";
export const TOOLTIP_AT = "data-tooltip-at";

/** Attributes of an element that says `label` when the mouse is over it (see `TooltipLayer`). */
export function tooltip(label: string, at: FloatingPosition = "bottom") {
  return { [TOOLTIP]: label, [TOOLTIP_AT]: at };
}

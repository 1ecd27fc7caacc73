import type { SavedMask } from "../state/annotation";
import { PALETTE } from "./palette";

/** Red, green, blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

export function rgbOf(hex: string): Rgb {
  const value = Number.parseInt(hex.replace("#", ""), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

export function hexOf(color: Rgb): string {
  return `#${color.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** The mask being made; no label of the palette looks like it. */
export const DRAFT_RGB: Rgb = [64, 196, 255];
/** Foreground and background clicks: told apart by their sign too, not by colour alone. */
export const FOREGROUND_COLOR = "#0072b2";
export const BACKGROUND_COLOR = "#d55e00";

/** A mask that is labelled later, or whose label is not known. */
export const NO_LABEL_RGB: Rgb = [160, 160, 160];

/** A mask's colour: its label's, or one of its own that stays the same whatever becomes of the others. */
export function maskColor(mask: SavedMask, labelColor: Rgb | undefined, by: "label" | "instance"): Rgb {
  if (by === "label") return labelColor ?? NO_LABEL_RGB;
  let hash = 0;
  for (const sign of mask.id) hash = (hash * 31 + sign.charCodeAt(0)) >>> 0;
  return rgbOf(PALETTE[hash % PALETTE.length]!);
}
/** Proposals, in turn: the light ones of Okabe and Ito's colours, told apart by colour-blind people too. */
export const PROPOSAL_RGB: readonly Rgb[] = [
  [86, 180, 233],
  [230, 159, 0],
  [240, 228, 66],
  [0, 158, 115],
  [204, 121, 167],
  [213, 94, 0],
];

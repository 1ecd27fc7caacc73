/** Red, green, blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

export function rgbOf(hex: string): Rgb {
  const value = Number.parseInt(hex.replace("#", ""), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** The mask being made; no label of the palette looks like it. */
export const DRAFT_RGB: Rgb = [64, 196, 255];
/** Foreground and background clicks: told apart by their sign too, not by colour alone. */
export const FOREGROUND_COLOR = "#0072b2";
export const BACKGROUND_COLOR = "#d55e00";
/** Proposals, in turn: the light ones of Okabe and Ito's colours, told apart by colour-blind people too. */
export const PROPOSAL_RGB: readonly Rgb[] = [
  [86, 180, 233],
  [230, 159, 0],
  [240, 228, 66],
  [0, 158, 115],
  [204, 121, 167],
  [213, 94, 0],
];

import type { Size } from "../geometry/size";
import type { Placement } from "../masks/coverage";
import type { Bbox } from "../masks/rle";

/** Side of a tile in device pixels. */
export const TILE = 256;

/** A tile of the grid whose corner is the image's. */
export interface TileIndex {
  readonly column: number;
  readonly row: number;
}

/** Whether a tile shows a part of a box of the image at a scale; one that it only touches by rounding does. */
export function showsBox({ column, row }: TileIndex, box: Bbox, scale: number): boolean {
  const [left, top] = [column * TILE, row * TILE];
  return (
    left < (box.x + box.width) * scale + 1 &&
    top < (box.y + box.height) * scale + 1 &&
    left + TILE > box.x * scale - 1 &&
    top + TILE > box.y * scale - 1
  );
}

/** The tiles seen on a view, and `margin` more on each side. */
export function tilesWithin({ left, top }: Placement, view: Size, margin: number): TileIndex[] {
  if (view.width === 0 || view.height === 0) return [];
  const beyond = margin * TILE;
  return tilesBetween(-left - beyond, -top - beyond, view.width - left + beyond, view.height - top + beyond);
}

function tilesBetween(left: number, top: number, right: number, bottom: number): TileIndex[] {
  const tiles: TileIndex[] = [];
  for (let row = Math.floor(top / TILE); row * TILE < bottom; row++) {
    for (let column = Math.floor(left / TILE); column * TILE < right; column++) tiles.push({ column, row });
  }
  return tiles;
}

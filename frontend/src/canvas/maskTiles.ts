import type { Size } from "../geometry/size";
import { coverMask, type Placement } from "../masks/coverage";
import { changedMasks } from "./changedMasks";
import { blend, type MaskDrawing } from "./paint";
import { showsBox, tilesWithin, TILE, type TileIndex } from "./tileGrid";

/** A square of TILE device pixels; null where no mask is. */
type Surface = CanvasRenderingContext2D | null;

interface Tile {
  readonly at: TileIndex;
  /** What is shown; undefined as long as it was never painted. */
  shown: Surface | undefined;
  /** Painted, to be shown together with the rest of the view; undefined when nothing is. */
  painted: Surface | undefined;
  isStale: boolean;
}

/** The tiles of the scale before, shown enlarged or reduced until those of the present one are painted. */
interface Ghost {
  readonly scale: number;
  readonly surfaces: readonly { readonly at: TileIndex; readonly surface: CanvasRenderingContext2D }[];
}

/** Around the view, tiles are painted when there is time, so that panning meets them ready. */
const MARGIN = 1;

/**
 * Masks painted once per scale, in tiles that lie fixed on the image: panning and hovering copy tiles, a change paints
 * those under the masks concerned, and zooming paints in slices while the old tiles stand in. What is seen changes for
 * the whole view at once.
 */
export class MaskTiles {
  private drawings: readonly MaskDrawing[] = [];
  private placement: Placement = { scale: 1, left: 0, top: 0 };
  private tiles = new Map<string, Tile>();
  private ghost: Ghost | null = null;
  private visible: Tile[] = [];
  private around: Tile[] = [];
  private readonly spare: CanvasRenderingContext2D[] = [];
  /** One for all tiles: a quarter of a megabyte for each would keep the garbage collector busy while the pointer moves. */
  private scratch: ImageData | null = null;

  constructor(private readonly makeSurface: () => CanvasRenderingContext2D) {}

  show(drawings: readonly MaskDrawing[]): void {
    if (drawings === this.drawings) return;
    const changed = changedMasks(this.drawings, drawings);
    this.drawings = drawings;
    // The tiles that are kept are few; those under a large mask, enlarged 40 times, would be a hundred thousand.
    for (const { bbox } of changed) {
      if (!bbox) continue;
      for (const tile of this.tiles.values()) {
        if (showsBox(tile.at, bbox, this.placement.scale)) tile.isStale = true;
      }
    }
  }

  /** Where the image lies on the view now, in device pixels. */
  place(placement: Placement, view: Size): void {
    if (placement.scale !== this.placement.scale) this.leaveScale();
    this.placement = placement;
    const seen = tilesWithin(placement, view, 0);
    const near = tilesWithin(placement, view, MARGIN);
    const keep = new Set(near.map(keyOf));
    for (const [key, tile] of this.tiles) {
      if (keep.has(key)) continue;
      this.tiles.delete(key);
      this.release(tile.shown);
      this.release(tile.painted);
    }
    this.visible = seen.map((at) => this.tile(at));
    const isSeen = new Set(this.visible);
    this.around = near.map((at) => this.tile(at)).filter((tile) => !isSeen.has(tile));
  }

  /** Whether there is nothing to be drawn at all. */
  get isBlank(): boolean {
    return !this.ghost && this.visible.every(({ shown, painted }) => !shown && !painted);
  }

  /** Whether all of the view is as it should be. */
  get isComplete(): boolean {
    return this.visible.every(({ isStale }) => !isStale);
  }

  /** Paints until time is up, what is seen first. Returns whether nothing is left to paint. */
  paint(isTimeUp: () => boolean): boolean {
    for (const tile of this.visible) {
      if (!tile.isStale) continue;
      if (isTimeUp()) return false;
      this.paintTile(tile);
    }
    for (const tile of this.visible) this.reveal(tile);
    this.dropGhost();
    for (const tile of this.around) {
      if (!tile.isStale) continue;
      if (isTimeUp()) return false;
      this.paintTile(tile);
      this.reveal(tile);
    }
    return true;
  }

  /** Copies the tiles over what is on a canvas of the view's size. */
  draw(context: CanvasRenderingContext2D): void {
    const { left, top, scale } = this.placement;
    if (this.ghost) {
      const ratio = scale / this.ghost.scale;
      const side = TILE * ratio;
      context.imageSmoothingEnabled = false;
      for (const { at, surface } of this.ghost.surfaces) {
        // Whole pixels, or seams would show between the tiles.
        const [x, y] = [Math.round(left + at.column * side), Math.round(top + at.row * side)];
        const [right, bottom] = [
          Math.round(left + (at.column + 1) * side),
          Math.round(top + (at.row + 1) * side),
        ];
        context.drawImage(surface.canvas, x, y, right - x, bottom - y);
      }
      return;
    }
    for (const { at, shown, painted } of this.visible) {
      const surface = shown === undefined ? painted : shown;
      if (surface) context.drawImage(surface.canvas, left + at.column * TILE, top + at.row * TILE);
    }
  }

  private tile(at: TileIndex): Tile {
    const key = keyOf(at);
    const known = this.tiles.get(key);
    if (known) return known;
    const tile: Tile = { at, shown: undefined, painted: undefined, isStale: true };
    this.tiles.set(key, tile);
    return tile;
  }

  private paintTile(tile: Tile): void {
    this.release(tile.painted);
    tile.painted = this.paintedSurface(tile.at);
    tile.isStale = false;
  }

  private reveal(tile: Tile): void {
    if (tile.painted === undefined) return;
    this.release(tile.shown);
    tile.shown = tile.painted;
    tile.painted = undefined;
  }

  private paintedSurface({ column, row }: TileIndex): Surface {
    let image: ImageData | null = null;
    let surface: Surface = null;
    for (const { mask, style } of this.drawings) {
      // Covered a little beyond the tile, or its border would look like the mask's outline.
      const beyond = style.thickness;
      const side = TILE + 2 * beyond;
      const placement = {
        scale: this.placement.scale,
        left: beyond - column * TILE,
        top: beyond - row * TILE,
      };
      const coverage = coverMask(mask, placement, { height: side, width: side });
      if (!coverage) continue;
      const isBlank: boolean = image === null;
      surface ??= this.spare.pop() ?? this.makeSurface();
      image ??= this.clearScratch(surface);
      blend(image, beyond, beyond, coverage, style, isBlank);
    }
    if (surface && image) surface.putImageData(image, 0, 0);
    return surface;
  }

  private clearScratch(surface: CanvasRenderingContext2D): ImageData {
    if (this.scratch) this.scratch.data.fill(0);
    else this.scratch = surface.createImageData(TILE, TILE);
    return this.scratch;
  }

  /** What is shown at the scale being left stands in for the next; unless another one does already. */
  private leaveScale(): void {
    const shown = [...this.tiles.values()].flatMap(({ at, shown: surface }) =>
      surface ? [{ at, surface }] : [],
    );
    for (const { painted } of this.tiles.values()) this.release(painted);
    if (this.ghost) for (const { surface } of shown) this.release(surface);
    else this.ghost = { scale: this.placement.scale, surfaces: shown };
    this.tiles = new Map();
  }

  private dropGhost(): void {
    for (const { surface } of this.ghost?.surfaces ?? []) this.release(surface);
    this.ghost = null;
  }

  private release(surface: Surface | undefined): void {
    if (surface) this.spare.push(surface);
  }
}

function keyOf({ column, row }: TileIndex): string {
  return `${column} ${row}`;
}

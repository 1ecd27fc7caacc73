import type { Size } from "../geometry/size";
import type { Placement } from "../masks/coverage";

/** A square of the photograph, reduced by 2 ** level: where it lies in image pixels. */
export interface PhotographTile {
  readonly key: string;
  readonly level: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Side of a tile in its own pixels. */
export const PHOTOGRAPH_TILE = 512;
/** 1 MiB each. Beyond them go those no longer wanted; a large screen wants more than these, and gets them. */
const TILES_KEPT = 96;

/** How often a photograph is halved to be shown at so many device pixels per image pixel, and stay sharp. */
export function levelFor(scale: number): number {
  return Math.max(0, Math.floor(Math.log2(1 / scale)));
}

/** The tiles seen on a view, those in its middle first. */
export function photographTiles(image: Size, placement: Placement, view: Size): PhotographTile[] {
  const { scale, left, top } = placement;
  const level = levelFor(scale);
  const side = PHOTOGRAPH_TILE * 2 ** level;
  const first = (corner: number) => Math.max(0, Math.floor(-corner / scale / side)) * side;
  const end = (corner: number, seen: number, whole: number) => Math.min(whole, (seen - corner) / scale);
  const tiles: PhotographTile[] = [];
  for (let y = first(top); y < end(top, view.height, image.height); y += side) {
    for (let x = first(left); x < end(left, view.width, image.width); x += side) {
      tiles.push({
        key: `${level} ${x} ${y}`,
        level,
        left: x,
        top: y,
        width: Math.min(side, image.width - x),
        height: Math.min(side, image.height - y),
      });
    }
  }
  const [middleX, middleY] = [(view.width / 2 - left) / scale, (view.height / 2 - top) / scale];
  const distance = (tile: PhotographTile) =>
    Math.hypot(tile.left + tile.width / 2 - middleX, tile.top + tile.height / 2 - middleY);
  return tiles.sort((a, b) => distance(a) - distance(b));
}

interface Shown<Picture> {
  readonly tile: PhotographTile;
  readonly picture: Picture;
}

/**
 * The tiles of one photograph that are loaded. One is loaded at a time, always what is wanted most by then; what was
 * seen last is kept. Coarser tiles lie under finer ones, so that there is never a hole where something was.
 */
export class PhotographTiles<Picture> {
  private readonly loaded = new Map<string, Shown<Picture>>();
  private wanted: readonly PhotographTile[] = [];
  private isLoading = false;
  private hasEnded = false;
  private published = "";

  constructor(
    private readonly load: (tile: PhotographTile) => Promise<Picture>,
    /** Everything to be shown, coarse tiles first, and whether that is all that is wanted. */
    private readonly onChange: (shown: readonly Shown<Picture>[], isComplete: boolean) => void,
    /** Told of every picture that is not needed any more. */
    private readonly free: (picture: Picture) => void,
  ) {}

  /** The end of the photograph: no tile is needed any more. */
  end(): void {
    for (const { picture } of this.loaded.values()) this.free(picture);
    this.loaded.clear();
    this.hasEnded = true;
  }

  want(tiles: readonly PhotographTile[]): void {
    this.wanted = tiles;
    for (const { key } of tiles) {
      const known = this.loaded.get(key);
      if (!known) continue;
      this.loaded.delete(key);
      this.loaded.set(key, known);
    }
    this.publish();
    void this.advance();
  }

  private async advance(): Promise<void> {
    if (this.isLoading) return;
    this.isLoading = true;
    while (!this.hasEnded) {
      const next = this.wanted.find(({ key }) => !this.loaded.has(key));
      if (!next) break;
      try {
        const picture = await this.load(next);
        // It may have ended meanwhile.
        if (this.hasEnded as boolean) this.free(picture);
        else this.loaded.set(next.key, { tile: next, picture });
      } catch {
        // The preview stays; there is no other way to the pixels of this photograph.
        this.hasEnded = true;
      }
      this.forget();
      this.publish();
    }
    this.isLoading = false;
  }

  /** What is wanted stays, however much it is: let go, it would be loaded again at once, and so for ever. */
  private forget(): void {
    const wanted = new Set(this.wanted.map(({ key }) => key));
    for (const key of [...this.loaded.keys()]) {
      if (this.loaded.size <= TILES_KEPT) break;
      if (wanted.has(key)) continue;
      this.free(this.loaded.get(key)!.picture);
      this.loaded.delete(key);
    }
  }

  private publish(): void {
    const level = this.wanted[0]?.level ?? 0;
    const shown = [...this.loaded.values()].filter(({ tile }) => tile.level >= level);
    shown.sort((a, b) => b.tile.level - a.tile.level);
    const isComplete = this.wanted.every(({ key }) => this.loaded.has(key));
    // Panning asks at every frame; nothing is laid out anew as long as the same tiles are shown.
    const state = `${isComplete} ${shown
      .map(({ tile }) => tile.key)
      .sort()
      .join()}`;
    if (state === this.published) return;
    this.published = state;
    this.onChange(shown, isComplete);
  }
}

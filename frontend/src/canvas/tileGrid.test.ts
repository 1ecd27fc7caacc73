import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { showsBox, tilesWithin, TILE } from "./tileGrid";

const side = fc.integer({ min: 1, max: 3000 });
const corner = fc.integer({ min: 0, max: 3000 });

describe("the tiles under a box", () => {
  it("are those that hold a device pixel of it, and those a pixel beside it", () => {
    fc.assert(
      fc.property(
        corner,
        corner,
        side,
        side,
        fc.double({ min: 0.05, max: 40, noNaN: true }),
        (x, y, width, height, scale) => {
          const box = { x, y, width, height };
          const seen = { left: -x * scale, top: -y * scale };
          const view = { width: Math.min(2000, width * scale), height: Math.min(2000, height * scale) };
          const within = tilesWithin({ scale, ...seen }, view, 0);
          expect(within.every((at) => showsBox(at, box, scale))).toBe(true);
          const beyond = { column: Math.floor((x * scale - 2) / TILE) - 1, row: 0 };
          expect(showsBox(beyond, box, scale)).toBe(false);
        },
      ),
    );
  });

  it("include one that is only touched by rounding, not the next", () => {
    const box = { x: TILE, y: 0, width: TILE, height: TILE };
    const shown = [0, 1, 2, 3].map((column) => showsBox({ column, row: 0 }, box, 1));
    expect(shown).toEqual([true, true, true, false]);
    expect([-1, 0, 1, 2].map((row) => showsBox({ column: 1, row }, box, 1))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

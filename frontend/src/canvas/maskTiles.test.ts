import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { imagePoint } from "../geometry/points";
import { indexMask } from "../masks/columns";
import type { Placement } from "../masks/coverage";
import { strokeMask } from "../masks/shapes";
import { changedMasks } from "./changedMasks";
import { MaskTiles } from "./maskTiles";
import { paintMasks, type MaskDrawing, type MaskStyle } from "./paint";
import { ArrayContext, asContext } from "./testContext";

const IMAGE = { height: 400, width: 600 };
const VIEW = { height: 300, width: 500 };
const STYLE: MaskStyle = { color: [200, 40, 10], fill: 80, outline: 255, thickness: 3 };
const never = () => false;

function disc(x: number, y: number, radius: number, style: Partial<MaskStyle> = {}): MaskDrawing {
  return { mask: indexMask(strokeMask([imagePoint(x, y)], radius, IMAGE)), style: { ...STYLE, ...style } };
}

function setUp() {
  const surfaces: ArrayContext[] = [];
  const tiles = new MaskTiles(() => {
    const surface = new ArrayContext({ width: 256, height: 256 });
    surfaces.push(surface);
    return asContext(surface);
  });
  return {
    tiles,
    paints: () => surfaces.reduce((sum, { puts }) => sum + puts, 0),
    seen: () => {
      const view = new ArrayContext(VIEW);
      tiles.draw(asContext(view));
      return view;
    },
  };
}

/** Number of bytes in which a view differs. */
function differences({ pixels }: ArrayContext, expected: Uint8ClampedArray): number {
  let count = 0;
  for (let i = 0; i < expected.length; i++) if (pixels[i] !== expected[i]) count += 1;
  return count;
}

function direct(drawings: readonly MaskDrawing[], placement: Placement): Uint8ClampedArray {
  const view = new ArrayContext({ width: VIEW.width + 80, height: VIEW.height + 80 });
  // Beyond the view's border on each side, where painting directly would draw an outline.
  paintMasks(asContext(view), drawings, { ...placement, left: placement.left + 40, top: placement.top + 40 });
  const cut = new ArrayContext(VIEW);
  for (let y = 0; y < VIEW.height; y++) {
    const from = 4 * ((y + 40) * (VIEW.width + 80) + 40);
    cut.pixels.set(view.pixels.subarray(from, from + 4 * VIEW.width), 4 * y * VIEW.width);
  }
  return cut.pixels;
}

describe("masks in tiles", () => {
  it("look exactly as if painted in one piece, wherever the image lies", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.integer({ min: 0, max: 600 }),
            fc.integer({ min: 0, max: 400 }),
            fc.integer({ min: 1, max: 150 }),
          ),
          { minLength: 1, maxLength: 4 },
        ),
        fc.record({
          scale: fc.constantFrom(0.3, 0.5, 1, 1.7, 2),
          left: fc.integer({ min: -700, max: 300 }),
          top: fc.integer({ min: -500, max: 200 }),
        }),
        (discs, placement) => {
          const drawings = discs.map(([x, y, radius]) => disc(x, y, radius));
          const { tiles, seen } = setUp();
          tiles.show(drawings);
          tiles.place(placement, VIEW);
          tiles.paint(never);
          expect(tiles.isComplete).toBe(true);
          expect(differences(seen(), direct(drawings, placement))).toBe(0);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("are not painted again when the image is moved, and wait around the view", () => {
    const { tiles, paints, seen } = setUp();
    const drawings = [disc(100, 100, 60), disc(420, 250, 90)];
    tiles.show(drawings);
    tiles.place({ scale: 1, left: 0, top: 0 }, VIEW);
    tiles.paint(never);
    const painted = paints();
    for (let left = 0; left >= -100; left -= 5) {
      tiles.place({ scale: 1, left, top: 0 }, VIEW);
      expect(tiles.isComplete).toBe(true);
    }
    expect(paints()).toBe(painted);
    expect(differences(seen(), direct(drawings, { scale: 1, left: -100, top: 0 }))).toBe(0);
  });

  it("are painted again only where a mask changed", () => {
    const { tiles, paints } = setUp();
    const [still, changing] = [disc(60, 60, 30), disc(420, 250, 20)];
    tiles.show([still, changing]);
    tiles.place({ scale: 1, left: 0, top: 0 }, VIEW);
    tiles.paint(never);
    const painted = paints();
    tiles.show([still, { ...changing, style: { ...STYLE, fill: 200 } }]);
    tiles.paint(never);
    // x 400 to 440, y 230 to 270: the upper and the lower tile of the second column.
    expect(paints() - painted).toBe(2);
    tiles.show([still]);
    tiles.paint(never);
    expect(paints() - painted).toBe(2);
  });

  it("change for the whole view at once, however many slices painting takes", () => {
    const { tiles, seen } = setUp();
    const before = [disc(250, 150, 140)];
    const after = [disc(250, 150, 140, { color: [1, 2, 3] })];
    const placement = { scale: 1, left: 0, top: 0 };
    tiles.show(before);
    tiles.place(placement, VIEW);
    tiles.paint(never);
    tiles.show(after);
    let slices = 0;
    for (;;) {
      let isFirst = true;
      const isDone = tiles.paint(() => {
        if (!isFirst) return true;
        isFirst = false;
        return false;
      });
      slices += 1;
      if (tiles.isComplete && isDone) break;
      if (tiles.isComplete) continue;
      expect(differences(seen(), direct(before, placement))).toBe(0);
    }
    expect(slices).toBeGreaterThan(2);
    expect(differences(seen(), direct(after, placement))).toBe(0);
  });

  it("are enlarged as they are until the new scale is painted", () => {
    const { tiles, seen } = setUp();
    const drawings = [disc(100, 80, 50)];
    tiles.show(drawings);
    tiles.place({ scale: 1, left: 0, top: 0 }, VIEW);
    tiles.paint(never);
    tiles.place({ scale: 2, left: 0, top: 0 }, VIEW);
    expect(tiles.paint(() => true)).toBe(false);
    const standIn = seen().opacity();
    expect(standIn[160 * VIEW.width + 200]).toBe(STYLE.fill);
    tiles.place({ scale: 1.7, left: 3, top: 5 }, VIEW);
    tiles.paint(() => true);
    expect(
      seen()
        .opacity()
        .some((value) => value > 0),
    ).toBe(true);
    tiles.paint(never);
    expect(differences(seen(), direct(drawings, { scale: 1.7, left: 3, top: 5 }))).toBe(0);
  });

  it("use their surfaces again", () => {
    let made = 0;
    const tiles = new MaskTiles(() => {
      made += 1;
      return asContext(new ArrayContext({ width: 256, height: 256 }));
    });
    tiles.show([disc(300, 200, 180)]);
    for (let step = 0; step < 20; step++) {
      tiles.place({ scale: 1 + step / 10, left: 0, top: 0 }, VIEW);
      tiles.paint(never);
    }
    expect(made).toBeLessThan(40);
  });
});

describe("what looks different", () => {
  const [a, b, c] = [disc(10, 10, 5), disc(20, 20, 5), disc(30, 30, 5)];

  it("is nothing for equal lists, whatever objects hold the styles", () => {
    expect([...changedMasks([a, b], [{ ...a, style: { ...a.style } }, b])]).toEqual([]);
  });

  it("is what came, went or got another style", () => {
    const other = { ...b, style: { ...STYLE, thickness: 1 } };
    expect([...changedMasks([a, b], [other, c])]).toEqual([a.mask, b.mask, c.mask]);
  });

  it("is what changed its place among the others", () => {
    expect(changedMasks([a, b, c], [b, a, c])).toEqual(new Set([a.mask, b.mask]));
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gridPoints } from "./grid";

const told = (box: { x0: number; y0: number; x1: number; y1: number }) =>
  gridPoints(box).map(({ x, y }) => `${x},${y}`);

describe("the grid under a box", () => {
  it("has about square cells, 12 along the longer side", () => {
    expect(told({ x0: 0, y0: 0, x1: 240, y1: 120 })).toHaveLength(12 * 6);
    expect(told({ x0: 100, y0: 100, x1: 116, y1: 108 }).sort()).toEqual(["104,104", "112,104"]);
    expect(told({ x0: 5, y0: 5, x1: 6, y1: 6 })).toEqual(["5,5"]);
  });

  it("has whole pixels of the box, each once", () => {
    const side = fc.integer({ min: 1, max: 3000 });
    fc.assert(
      fc.property(side, side, side, side, (x0, y0, width, height) => {
        const points = gridPoints({ x0, y0, x1: x0 + width, y1: y0 + height });
        expect(points.length).toBeLessThanOrEqual(144);
        expect(new Set(points.map(({ x, y }) => `${x},${y}`)).size).toBe(points.length);
        for (const { x, y } of points) {
          expect(Number.isInteger(x) && x >= x0 && x < x0 + width).toBe(true);
          expect(Number.isInteger(y) && y >= y0 && y < y0 + height).toBe(true);
        }
      }),
    );
  });

  it("has looked into every quarter after a few points", () => {
    const first = gridPoints({ x0: 0, y0: 0, x1: 120, y1: 120 }).slice(0, 12);
    const quarters = new Set(first.map(({ x, y }) => `${x < 60} ${y < 60}`));
    expect(quarters.size).toBe(4);
  });
});

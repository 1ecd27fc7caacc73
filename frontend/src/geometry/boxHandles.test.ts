import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boxDragged, boxHandlePoint, distanceToOutline, RESIZING_HANDLES } from "./boxHandles";
import { imagePoint } from "./points";

const image = { height: 80, width: 100 };
const box = { x0: 10, y0: 20, x1: 30, y1: 50 };
const origin = imagePoint(0, 0);

describe("the handles of a box", () => {
  it("sit at its corners and in the middle of its sides", () => {
    const places = RESIZING_HANDLES.map((handle) => boxHandlePoint(box, handle));
    expect(places.map(({ x, y }) => [x, y])).toEqual([
      [10, 20], [20, 20], [30, 20], [30, 35], [30, 50], [20, 50], [10, 50], [10, 35],
    ]); // prettier-ignore
  });

  it("move one corner or one side", () => {
    expect(boxDragged(box, "nw", origin, imagePoint(-3.4, 5), image)).toEqual({ ...box, x0: 7, y0: 25 });
    expect(boxDragged(box, "e", origin, imagePoint(4, 99), image)).toEqual({ ...box, x1: 34 });
  });

  it("turn the box over when pulled past the other side", () => {
    expect(boxDragged(box, "w", origin, imagePoint(25, 0), image)).toEqual({ ...box, x0: 30, x1: 35 });
  });

  it("keep the size of a box that is moved against the border", () => {
    expect(boxDragged(box, "edge", origin, imagePoint(500, -500), image)).toEqual({
      x0: 80,
      y0: 0,
      x1: 100,
      y1: 30,
    });
  });

  it("never leave the image and never lose the box", () => {
    const move = fc.integer({ min: -200, max: 200 });
    fc.assert(
      fc.property(fc.constantFrom(...RESIZING_HANDLES, "edge" as const), move, move, (handle, dx, dy) => {
        const { x0, y0, x1, y1 } = boxDragged(box, handle, origin, imagePoint(dx, dy), image);
        expect(x0).toBeGreaterThanOrEqual(0);
        expect(y0).toBeGreaterThanOrEqual(0);
        expect(x1).toBeGreaterThan(x0);
        expect(y1).toBeGreaterThan(y0);
        expect(x1).toBeLessThanOrEqual(image.width);
        expect(y1).toBeLessThanOrEqual(image.height);
      }),
    );
  });

  it("measure how far the outline is, from inside and outside", () => {
    expect(distanceToOutline(box, imagePoint(12, 35))).toBe(2);
    expect(distanceToOutline(box, imagePoint(7, 16))).toBe(5);
  });
});

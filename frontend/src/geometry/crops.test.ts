import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boxInWindow, cropWindow, pointInWindow, windowContains, windowName, windowSize } from "./crops";
import { imagePoint } from "./points";

const image = { height: 600, width: 800 };

describe("the window around a small object", () => {
  it("is a square twice as long as the box, inside the image, around the box", () => {
    const spot = fc.record({
      x: fc.integer({ min: 0, max: 760 }),
      y: fc.integer({ min: 0, max: 560 }),
      width: fc.integer({ min: 1, max: 40 }),
      height: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(spot, ({ x, y, width, height }) => {
        const box = { x0: x, y0: y, x1: x + width, y1: y + height };
        const window = cropWindow(box, image)!;
        const size = windowSize(window);
        expect(size.height).toBe(size.width);
        expect(size.width).toBeGreaterThanOrEqual(2 * Math.max(width, height));
        expect(window.x0).toBeGreaterThanOrEqual(0);
        expect(window.y0).toBeGreaterThanOrEqual(0);
        expect(window.x1).toBeLessThanOrEqual(image.width);
        expect(window.y1).toBeLessThanOrEqual(image.height);
        const inside = boxInWindow(window, box);
        expect([inside.x1 - inside.x0, inside.y1 - inside.y0]).toEqual([width, height]);
      }),
    );
  });

  it("is the same for boxes that differ by a pixel or two", () => {
    const one = cropWindow({ x0: 300, y0: 300, x1: 325, y1: 320 }, image);
    expect(cropWindow({ x0: 301, y0: 301, x1: 326, y1: 321 }, image)).toEqual(one);
    expect(windowName(one!)).toBe("280-272-344-336");
  });

  it("is none where the object fills the grid already", () => {
    expect(cropWindow({ x0: 100, y0: 100, x1: 350, y1: 200 }, image)).toBeNull();
    expect(cropWindow({ x0: 0, y0: 0, x1: 5, y1: 5 }, { height: 90, width: 100 })).toBeNull();
  });

  it("is no square in an image narrower than itself", () => {
    const window = cropWindow({ x0: 0, y0: 400, x1: 30, y1: 440 }, { height: 900, width: 50 })!;
    expect(windowSize(window)).toEqual({ height: 96, width: 50 });
  });

  it("tells what lies in it", () => {
    const window = { x0: 10, y0: 20, x1: 74, y1: 84 };
    expect(pointInWindow(window, imagePoint(12, 20))).toEqual(imagePoint(2, 0));
    expect(windowContains(window, imagePoint(10, 83))).toBe(true);
    expect(windowContains(window, imagePoint(10, 84))).toBe(false);
  });
});

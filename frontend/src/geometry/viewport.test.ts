import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boxFromCorners, boxOnImage } from "./boxes";
import { viewToImage } from "./frames";
import { imagePoint, viewPoint } from "./points";
import { actualSizeViewport, fitViewport, panned, zoomedAt } from "./viewport";

const image = { height: 300, width: 451 };
const view = { height: 700, width: 1000 };

describe("the viewport", () => {
  it("fits the whole image, a tiny one not magnified beyond three times", () => {
    const fitted = fitViewport(image, view);
    expect(fitted.scale).toBeCloseTo(952 / 451, 9);
    expect(fitted.left).toBeCloseTo(24, 9);
    expect(fitViewport({ height: 30, width: 20 }, view)).toEqual({ scale: 3, left: 470, top: 305 });
    const large = fitViewport({ height: 6000, width: 8000 }, view);
    expect(large.scale * 8000).toBeLessThanOrEqual(view.width);
    expect(large.scale * 6000).toBeLessThanOrEqual(view.height);
  });

  it("keeps the image point under the pointer when zooming", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.integer({ min: 0, max: 700 }),
        fc.double({ min: 0.3, max: 5, noNaN: true }),
        (x, y, factor) => {
          const before = fitViewport(image, view);
          const pointer = viewPoint(x, y);
          const after = zoomedAt(before, pointer, factor, image, view);
          const a = viewToImage(before, pointer);
          const b = viewToImage(after, pointer);
          expect(b.x).toBeCloseTo(a.x, 6);
          expect(b.y).toBeCloseTo(a.y, 6);
        },
      ),
    );
  });

  it("shows one image pixel per device pixel at actual size, on whole device pixels", () => {
    const viewport = actualSizeViewport(image, view, 1.5);
    expect(viewport.scale).toBeCloseTo(1 / 1.5, 12);
    expect((viewport.left * 1.5) % 1).toBeCloseTo(0, 9);
    expect((viewport.top * 1.5) % 1).toBeCloseTo(0, 9);
  });

  it("never loses the image off the canvas", () => {
    const far = panned(fitViewport(image, view), 99999, -99999, image, view);
    expect(far.left).toBeLessThan(view.width);
    expect(far.top + image.height * far.scale).toBeGreaterThan(0);
  });
});

describe("a dragged box", () => {
  it("is the same whichever corner the drag began at", () => {
    const a = boxFromCorners(imagePoint(10, 40), imagePoint(30, 5));
    expect(a).toEqual({ x0: 10, y0: 5, x1: 30, y1: 40 });
  });
  it("is clipped to the image and refused when nothing is left", () => {
    expect(boxOnImage({ x0: -5, y0: 2.4, x1: 500, y1: 20 }, image)).toEqual({
      x0: 0,
      y0: 2,
      x1: 451,
      y1: 20,
    });
    expect(boxOnImage({ x0: -50, y0: 2, x1: -5, y1: 20 }, image)).toBeNull();
    expect(boxOnImage({ x0: 5, y0: 2, x1: 5.2, y1: 20 }, image)).toBeNull();
  });
});

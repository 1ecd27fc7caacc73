import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { imageToModel, imageToView, modelFrame, pixelAt, viewToImage } from "./frames";
import { imagePoint, viewPoint } from "./points";

describe("the model frame", () => {
  it("makes the long side the input side and rounds the short side half up", () => {
    expect(modelFrame({ height: 300, width: 451 }, 512).resized).toEqual({ height: 341, width: 512 });
    expect(modelFrame({ height: 1200, width: 1800 }, 1024).resized).toEqual({ height: 683, width: 1024 });
    expect(modelFrame({ height: 64, width: 64 }, 1024).resized).toEqual({ height: 1024, width: 1024 });
  });

  it("scales each axis by its own rounded ratio", () => {
    const frame = modelFrame({ height: 300, width: 451 }, 512);
    const point = imageToModel(frame, imagePoint(451, 300));
    expect(point.x).toBeCloseTo(512, 9);
    expect(point.y).toBeCloseTo(341, 9);
  });
});

describe("the view", () => {
  it("goes to the image and back", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 40, noNaN: true }),
        fc.integer({ min: -5000, max: 5000 }),
        fc.integer({ min: -5000, max: 5000 }),
        (scale, x, y) => {
          const viewport = { scale, left: 37, top: -12 };
          const back = imageToView(viewport, viewToImage(viewport, viewPoint(x, y)));
          expect(back.x).toBeCloseTo(x, 6);
          expect(back.y).toBeCloseTo(y, 6);
        },
      ),
    );
  });
});

describe("the pixel at a point", () => {
  const image = { height: 10, width: 20 };
  it("is the one the point lies in", () => {
    expect(pixelAt(imagePoint(3.99, 0), image)).toEqual({ x: 3, y: 0 });
    expect(pixelAt(imagePoint(19.999, 9.999), image)).toEqual({ x: 19, y: 9 });
  });
  it("is null outside the image", () => {
    expect(pixelAt(imagePoint(-0.01, 5), image)).toBeNull();
    expect(pixelAt(imagePoint(20, 5), image)).toBeNull();
    expect(pixelAt(imagePoint(5, 10), image)).toBeNull();
  });
});

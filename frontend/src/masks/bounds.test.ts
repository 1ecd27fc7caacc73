import { describe, expect, it } from "vitest";
import { boundsOf } from "./bounds";
import { emptyMask } from "./combine";
import { indexMask } from "./columns";
import { rectangleMask } from "./shapes";

const size = { height: 10, width: 12 };
const box = (x0: number, y0: number, x1: number, y1: number) =>
  indexMask(rectangleMask({ x0, y0, x1, y1 }, size));

describe("the bounds of masks", () => {
  it("hold all of them, and are none without a pixel", () => {
    expect(boundsOf([box(2, 3, 4, 5), box(6, 1, 7, 4)])).toEqual({ x0: 2, y0: 1, x1: 7, y1: 5 });
    expect(boundsOf([indexMask(emptyMask(size)), box(0, 0, 1, 1)])).toEqual({ x0: 0, y0: 0, x1: 1, y1: 1 });
    expect(boundsOf([indexMask(emptyMask(size))])).toBeNull();
    expect(boundsOf([])).toBeNull();
  });
});

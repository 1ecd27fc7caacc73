import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeBeside } from "./placement";

const panel = { width: 300, height: 100 };
const room = { width: 1000, height: 700 };
const box = (left: number, top: number, width: number, height: number) => ({ left, top, width, height });

describe("a panel beside what it belongs to", () => {
  it("goes to the right of it, or to the left where there is no room", () => {
    expect(placeBeside(box(100, 200, 200, 300), panel, room, [], 10)).toEqual({ left: 310, top: 300 });
    expect(placeBeside(box(600, 200, 300, 300), panel, room, [], 10)).toEqual({ left: 290, top: 300 });
  });

  it("goes below or above what is wide", () => {
    expect(placeBeside(box(100, 50, 850, 300), panel, room, [], 10)).toEqual({ left: 375, top: 360 });
    expect(placeBeside(box(100, 300, 850, 390), panel, room, [], 10)).toEqual({ left: 375, top: 190 });
  });

  it("makes way for what else lies there", () => {
    const tools = box(280, 0, 50, 700);
    expect(placeBeside(box(600, 200, 300, 300), panel, room, [tools], 10)).toEqual({ left: 600, top: 510 });
  });

  it("takes the corner that covers least where everything is covered", () => {
    const click = box(900, 600, 20, 20);
    expect(placeBeside(box(0, 0, 1000, 700), panel, room, [click], 10)).toEqual({ left: 690, top: 10 });
  });

  it("stays in the room whatever the target is", () => {
    const length = fc.integer({ min: -2000, max: 2000 });
    const extent = fc.integer({ min: 0, max: 3000 });
    fc.assert(
      fc.property(length, length, extent, extent, (left, top, width, height) => {
        const place = placeBeside(box(left, top, width, height), panel, room, [], 10);
        expect(place.left).toBeGreaterThanOrEqual(10);
        expect(place.top).toBeGreaterThanOrEqual(10);
        expect(place.left).toBeLessThanOrEqual(690);
        expect(place.top).toBeLessThanOrEqual(590);
      }),
    );
  });
});

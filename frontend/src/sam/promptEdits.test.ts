import { describe, expect, it } from "vitest";
import { imagePoint } from "../geometry/points";
import { handlesEqual, pointTurned, promptDragged, promptRemoved, type PromptHandle } from "./promptEdits";
import { promptCount, type Prompts } from "./prompts";

const image = { height: 40, width: 60 };
const prompts: Prompts = {
  points: [
    { point: imagePoint(10, 10), label: 1 },
    { point: imagePoint(20, 30), label: 0 },
  ],
  box: { x0: 5, y0: 5, x1: 25, y1: 35 },
};
const second: PromptHandle = { kind: "point", index: 1 };
const corner: PromptHandle = { kind: "box", handle: "se" };

describe("editing prompts", () => {
  it("moves one click by whole pixels and leaves the others", () => {
    const moved = promptDragged(prompts, second, imagePoint(20.5, 30.5), imagePoint(23.6, 28.4), image);
    expect(moved.points.map(({ point, label }) => [point.x, point.y, label])).toEqual([
      [10, 10, 1],
      [23, 28, 0],
    ]);
    expect(prompts.points[1]!.point.x).toBe(20);
  });

  it("keeps a click on the image", () => {
    const moved = promptDragged(prompts, second, imagePoint(0, 0), imagePoint(900, -900), image);
    expect(moved.points[1]!.point).toEqual(imagePoint(59, 0));
  });

  it("drags the box, and nothing where there is none", () => {
    expect(promptDragged(prompts, corner, imagePoint(25, 35), imagePoint(30, 36), image).box).toEqual({
      x0: 5,
      y0: 5,
      x1: 30,
      y1: 36,
    });
    const boxless = { ...prompts, box: null };
    expect(promptDragged(boxless, corner, imagePoint(0, 0), imagePoint(9, 9), image)).toBe(boxless);
  });

  it("removes a click or the box", () => {
    expect(promptRemoved(prompts, second).points).toEqual([prompts.points[0]]);
    expect(promptCount(promptRemoved(prompts, corner))).toBe(2);
  });

  it("turns a click", () => {
    expect(pointTurned(prompts, 0).points.map(({ label }) => label)).toEqual([0, 0]);
    expect(pointTurned(pointTurned(prompts, 0), 0)).toEqual(prompts);
  });

  it("knows one handle from another", () => {
    expect(handlesEqual(second, { kind: "point", index: 1 })).toBe(true);
    expect(handlesEqual(second, corner)).toBe(false);
    expect(handlesEqual(null, null)).toBe(true);
  });
});

import { beforeEach, describe, expect, it } from "vitest";
import { viewPoint } from "../geometry/points";
import { CommentTool } from "./commentTool";
import type { PointerInput } from "./tool";

describe("the comment tool", () => {
  let log: string[];
  let tool: CommentTool;
  const press = (x: number, y: number, rest: Partial<PointerInput> = {}) => {
    const input: PointerInput = {
      at: viewPoint(x, y),
      button: "primary",
      isAlt: false,
      isShift: false,
      isCtrl: false,
      ...rest,
    };
    tool.down(input);
    return () => tool.up(input);
  };

  beforeEach(() => {
    log = [];
    tool = new CommentTool({
      image: { height: 100, width: 200 },
      viewport: () => ({ scale: 2, left: 10, top: 20 }),
      onSelect: (pixel) => log.push(`select ${pixel.x},${pixel.y}`),
      onPin: (at) => log.push(`pin ${at.x},${at.y}`),
    });
  });

  it("pins where the press ends, in parts of pixels, and only on the image", () => {
    press(31, 41)();
    press(5, 41)();
    press(411, 221)();
    expect(log).toEqual(["pin 10.5,10.5"]);
  });

  it("selects with Shift as every tool, and leaves the right button alone", () => {
    press(31, 41, { isShift: true })();
    press(31, 41, { button: "secondary" })();
    expect(log).toEqual(["select 10,10"]);
  });

  it("gives up a press under way", () => {
    const letGo = press(31, 41);
    expect(tool.giveUp()).toBe(true);
    letGo();
    expect(log).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { viewPoint } from "../geometry/points";
import { rleArea } from "../masks/rle";
import { imagePoint } from "../geometry/points";
import { NO_PROMPTS, type Prompts } from "../sam/prompts";
import type { PointerInput } from "./tool";
import { Toolbox } from "./toolbox";

const image = { height: 100, width: 200 };

const told = (prompts: Prompts | null) =>
  prompts
    ? [
        ...prompts.points.map(({ point, label }) => `${point.x},${point.y}:${label}`),
        ...(prompts.box ? [Object.values(prompts.box).join()] : []),
      ].join(" ")
    : "none";

function recording(prompts = NO_PROMPTS): { toolbox: Toolbox; log: string[] } {
  const log: string[] = [];
  const toolbox = new Toolbox(
    {
      image,
      viewport: () => ({ scale: 2, left: 10, top: 20 }),
      onHover: (pixel) => log.push(pixel ? `hover ${pixel.x},${pixel.y}` : "hover off"),
      onPoint: (pixel, label) => log.push(`point ${pixel.x},${pixel.y} ${label}`),
      onBox: (box) => log.push(`box ${box.x0},${box.y0},${box.x1},${box.y1}`),
      onBoxDragged: (box) => log.push(box ? "dragging" : "dragged"),
      prompts: () => prompts,
      onPromptsDragged: (now) => log.push(`drag ${told(now)}`),
      onPromptsChanged: (now) => log.push(`change ${told(now)}`),
      onPromptHover: (held) => log.push(held ? `over ${held.kind}` : "over nothing"),
      onPromptMenu: (held) => log.push(`menu ${held.kind}`),
      onSelect: (pixel) => log.push(`select ${pixel.x},${pixel.y}`),
      onPin: (at) => log.push(`pin ${at.x},${at.y}`),
      brushDiameter: () => 3,
      onPaint: (shape, mode) => log.push(`${mode} ${rleArea(shape)}`),
      onPaintEnd: () => log.push("end"),
      onPaintGivenUp: () => log.push("given up"),
      onSketch: () => undefined,
      onPan: (dx, dy) => log.push(`pan ${dx},${dy}`),
    },
    (cursor) => log.push(cursor),
  );
  return { toolbox, log };
}

function at(x: number, y: number, rest: Partial<PointerInput> = {}): PointerInput {
  return { at: viewPoint(x, y), button: "primary", isAlt: false, isShift: false, isCtrl: false, ...rest };
}

describe("the toolbox", () => {
  it("previews under the pointer and clicks whole pixels", () => {
    const { toolbox, log } = recording();
    toolbox.move(at(31, 41));
    toolbox.down(at(31, 41));
    toolbox.move(at(33, 42));
    toolbox.up(at(33, 42));
    expect(log).toEqual(["hover 10,10", "point 10,10 1"]);
  });

  it("takes Alt and the right button as background, Shift as selecting, and ignores clicks off the image", () => {
    const { toolbox, log } = recording();
    for (const input of [
      at(31, 41, { isAlt: true }),
      at(31, 41, { button: "secondary" }),
      at(31, 41, { isShift: true }),
      at(5, 5),
    ]) {
      toolbox.down(input);
      toolbox.up(input);
    }
    expect(log).toEqual(["point 10,10 0", "point 10,10 0", "select 10,10"]);
  });

  it("makes a box of a drag, clipped to the image", () => {
    const { toolbox, log } = recording();
    toolbox.down(at(30, 40));
    toolbox.move(at(50, 60));
    toolbox.up(at(5000, 80));
    expect(log).toEqual(["dragging", "dragged", "box 10,10,200,30"]);
  });

  it("gives a box up", () => {
    const { toolbox, log } = recording();
    toolbox.down(at(30, 40));
    toolbox.move(at(50, 60));
    expect(toolbox.cancel()).toBe(true);
    toolbox.up(at(90, 90));
    expect(toolbox.cancel()).toBe(false);
    expect(log).toEqual(["dragging", "dragged"]);
  });

  it("pans with the middle button or while space is held, and goes back to prompts", () => {
    const { toolbox, log } = recording();
    toolbox.down(at(30, 40, { button: "middle" }));
    toolbox.move(at(35, 38, { button: "middle" }));
    toolbox.up(at(35, 38, { button: "middle" }));
    toolbox.setSpaceHeld(true);
    toolbox.down(at(0, 0));
    toolbox.move(at(1, 1));
    toolbox.up(at(1, 1));
    toolbox.setSpaceHeld(false);
    toolbox.move(at(31, 41));
    expect(log.filter((line) => line.startsWith("pan"))).toEqual(["pan 5,-2", "pan 1,1"]);
    expect(log.at(-1)).toBe("hover 10,10");
    expect(log.some((line) => line.startsWith("point"))).toBe(false);
  });
});

describe("the prompts on the canvas", () => {
  // On the screen: a click at (31, 41) and a box from (50, 60) to (110, 120).
  const prompts: Prompts = {
    points: [{ point: imagePoint(10, 10), label: 1 }],
    box: { x0: 20, y0: 20, x1: 50, y1: 50 },
  };
  const drag = (
    toolbox: Toolbox,
    from: readonly [number, number],
    to: readonly [number, number],
    rest: Partial<PointerInput> = {},
  ) => {
    toolbox.down(at(...from, rest));
    toolbox.move(at(...to, rest));
    toolbox.up(at(...to, rest));
  };

  it("are dragged: a click, a corner of the box, its outline", () => {
    const { toolbox, log } = recording(prompts);
    drag(toolbox, [33, 42], [53, 62]);
    drag(toolbox, [110, 120], [120, 124]);
    drag(toolbox, [50, 75], [56, 77]);
    expect(log).toEqual([
      "drag 20,20:1 20,20,50,50",
      "change 20,20:1 20,20,50,50",
      "drag 10,10:1 20,20,55,52",
      "change 10,10:1 20,20,55,52",
      "drag 10,10:1 23,21,53,51",
      "change 10,10:1 23,21,53,51",
    ]);
  });

  it("stay where they were when a drag is given up, and when they are only pressed", () => {
    const { toolbox, log } = recording(prompts);
    toolbox.down(at(31, 41));
    toolbox.move(at(61, 71));
    expect(toolbox.cancel()).toBe(true);
    toolbox.up(at(61, 71));
    drag(toolbox, [31, 41], [32, 42]);
    expect(log).toEqual(["drag 25,25:1 20,20,50,50", "drag none"]);
  });

  it("are removed by Ctrl+click and by Delete under the pointer, and have a menu", () => {
    const { toolbox, log } = recording(prompts);
    toolbox.down(at(31, 41, { isCtrl: true }));
    toolbox.up(at(31, 41, { isCtrl: true }));
    toolbox.down(at(31, 41, { button: "secondary" }));
    toolbox.up(at(31, 41, { button: "secondary" }));
    expect(toolbox.removeHovered()).toBe(false);
    toolbox.move(at(80, 60));
    expect(toolbox.removeHovered()).toBe(true);
    expect(log).toEqual([
      "change 20,20,50,50",
      "menu point",
      "over box",
      "n-resize",
      "hover off",
      "over nothing",
      "crosshair",
      "change 10,10:1",
    ]);
  });

  it("leave the inside of the box to clicks, and Alt, Shift and a pen's eraser to what they do elsewhere", () => {
    const { toolbox, log } = recording(prompts);
    drag(toolbox, [80, 90], [80, 90]);
    toolbox.down(at(31, 41, { isAlt: true }));
    toolbox.up(at(31, 41, { isAlt: true }));
    toolbox.down(at(31, 41, { isShift: true }));
    toolbox.up(at(31, 41, { isShift: true }));
    drag(toolbox, [31, 41], [31, 41], { button: "eraser" });
    expect(log).toEqual(["point 35,35 1", "point 10,10 0", "select 10,10", "point 10,10 0"]);
  });
});

describe("the tools that work by hand", () => {
  it("paint a stroke as one gesture, Alt the other way round, and give it up", () => {
    const { toolbox, log } = recording();
    toolbox.choose("brush");
    log.length = 0;
    toolbox.down(at(31, 41));
    toolbox.move(at(35, 41));
    toolbox.up(at(35, 41));
    toolbox.down(at(31, 41, { isAlt: true }));
    expect(toolbox.cancel()).toBe(true);
    toolbox.up(at(31, 41));
    expect(log).toEqual(["add 9", "add 15", "end", "subtract 9", "given up"]);
  });

  it("erase, and select with Shift", () => {
    const { toolbox, log } = recording();
    toolbox.choose("eraser");
    log.length = 0;
    toolbox.down(at(31, 41));
    toolbox.up(at(31, 41));
    toolbox.down(at(31, 41, { isShift: true }));
    toolbox.up(at(31, 41, { isShift: true }));
    expect(log).toEqual(["subtract 9", "end", "select 10,10"]);
  });

  it("draw a straight line with Shift, and give it up", () => {
    const { toolbox, log } = recording();
    toolbox.choose("brush");
    log.length = 0;
    const withShift = { isShift: true };
    toolbox.down(at(31, 41, withShift));
    toolbox.move(at(35, 61, withShift));
    toolbox.move(at(71, 41, withShift));
    toolbox.up(at(71, 41, withShift));
    toolbox.down(at(31, 41, withShift));
    toolbox.move(at(71, 41, withShift));
    expect(toolbox.cancel()).toBe(true);
    toolbox.up(at(71, 41, withShift));
    expect(log).toEqual(["add 69", "end"]);
  });

  it("move and remove the corners of a polygon before it is closed", () => {
    const { toolbox, log } = recording();
    toolbox.choose("polygon");
    log.length = 0;
    const press = (x: number, y: number, rest: Partial<PointerInput> = {}) => {
      toolbox.down(at(x, y, rest));
      toolbox.up(at(x, y, rest));
    };
    for (const [x, y] of [[30, 40], [70, 40], [70, 60], [30, 80]] as const) press(x, y); // prettier-ignore
    toolbox.down(at(70, 61));
    toolbox.move(at(70, 80));
    toolbox.up(at(70, 80));
    press(90, 90);
    press(90, 90, { isCtrl: true });
    press(100, 100);
    toolbox.move(at(100, 101));
    expect(toolbox.removeHovered()).toBe(true);
    expect(toolbox.accept()).toBe(true);
    expect(log).toEqual(["add 400", "end"]);
  });

  describe("a corner that is held", () => {
    const [held, moved] = [at(70, 60), at(90, 90)];

    function holding() {
      const { toolbox, log } = recording();
      toolbox.choose("polygon");
      for (const [x, y] of [
        [30, 40],
        [70, 40],
        [70, 60],
        [30, 60],
      ] as const) {
        toolbox.down(at(x, y));
        toolbox.up(at(x, y));
      }
      toolbox.down(held);
      toolbox.move(moved);
      log.length = 0;
      return { toolbox, filled: () => (toolbox.accept(), log.filter((line) => line.startsWith("add"))) };
    }

    it("is let go where the image is moved, and follows no pointer afterwards", () => {
      const { toolbox, filled } = holding();
      toolbox.move(held);
      toolbox.setSpaceHeld(true);
      toolbox.up(moved);
      toolbox.setSpaceHeld(false);
      toolbox.move(moved);
      expect(filled()).toEqual(["add 200"]);
    });

    it("goes back where it was when a second finger says that no drag was meant", () => {
      const { toolbox, filled } = holding();
      expect(toolbox.stepBack()).toBe(true);
      toolbox.move(moved);
      expect(filled()).toEqual(["add 200"]);
    });

    it("takes nothing along when it is removed", () => {
      const { toolbox, filled } = holding();
      expect(toolbox.removeHovered()).toBe(true);
      toolbox.move(moved);
      expect(filled()).toEqual(["add 100"]);
    });
  });

  it("fill a rectangle of whole pixels", () => {
    const { toolbox, log } = recording();
    toolbox.choose("rectangle");
    log.length = 0;
    toolbox.down(at(30, 40, { button: "secondary" }));
    toolbox.move(at(50, 60));
    toolbox.up(at(50, 60));
    expect(log).toEqual(["subtract 100", "end"]);
  });

  it("fill a polygon at its first corner or by Enter, keep it while panning, take corners back", () => {
    const { toolbox, log } = recording();
    toolbox.choose("polygon");
    log.length = 0;
    const click = (x: number, y: number) => {
      toolbox.down(at(x, y));
      toolbox.up(at(x, y));
    };
    click(30, 40);
    click(70, 40);
    expect(toolbox.accept()).toBe(true);
    toolbox.setSpaceHeld(true);
    toolbox.setSpaceHeld(false);
    click(70, 80);
    click(30, 80);
    click(31, 41);
    expect(log.filter((line) => !/grab|crosshair/.test(line))).toEqual(["add 400", "end"]);
    expect(toolbox.accept()).toBe(false);
    click(30, 40);
    expect(toolbox.stepBack()).toBe(true);
    expect(toolbox.stepBack()).toBe(false);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { rleArea } from "../../masks/rle";
import { NO_PROMPTS } from "../../sam/prompts";
import { Toolbox } from "../../tools/toolbox";
import { listenOnStage } from "./useToolbox";

const image = { height: 100, width: 200 };

/** An event with what a browser says of it. */
function event(type: string, rest: object): Event {
  const says = { button: 0, ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...rest };
  return Object.assign(new Event(type), says);
}

describe("the stage", () => {
  let page: EventTarget;
  let stage: EventTarget;
  let toolbox: Toolbox;
  let log: string[];
  let unlisten: () => void;
  const wheel = (rest: object) =>
    stage.dispatchEvent(event("wheel", { clientX: 5, clientY: 5, deltaMode: 0, deltaY: -9, ...rest }));

  beforeEach(() => {
    log = [];
    page = new EventTarget();
    vi.stubGlobal("window", page);
    vi.stubGlobal("WheelEvent", { DOM_DELTA_LINE: 1 });
    stage = Object.assign(new EventTarget(), {
      getBoundingClientRect: () => ({ left: 0, top: 0 }),
      setPointerCapture: () => undefined,
      focus: () => undefined,
    });
    toolbox = new Toolbox(
      {
        image,
        viewport: () => ({ scale: 1, left: 0, top: 0 }),
        onHover: () => undefined,
        onPoint: (pixel, label) => log.push(`point ${pixel.x},${pixel.y} ${label}`),
        onBox: () => log.push("box"),
        onBoxDragged: () => undefined,
        prompts: () => NO_PROMPTS,
        onPromptsDragged: () => undefined,
        onPromptsChanged: () => undefined,
        onPromptHover: () => undefined,
        onPromptMenu: () => undefined,
        onSelect: () => undefined,
        onPin: () => undefined,
        brushDiameter: () => 3,
        onPaint: (shape, mode) => log.push(`${mode} ${rleArea(shape)}`),
        onPaintEnd: () => log.push("end"),
        onPaintGivenUp: () => undefined,
        onSketch: () => undefined,
        onPan: () => undefined,
      },
      () => undefined,
    );
    unlisten = listenOnStage(
      stage as HTMLElement,
      toolbox,
      () => log.push("zoom"),
      () => log.push("pan"),
      () => log.push("resize"),
    );
  });
  afterEach(() => {
    unlisten();
    vi.unstubAllGlobals();
  });

  describe("with the brush", () => {
    beforeEach(() => toolbox.choose("brush"));

    it("zooms by a pinch on a trackpad, which looks like a wheel with Ctrl", () => {
      wheel({ ctrlKey: true });
      expect(log).toEqual(["zoom"]);
    });

    it("changes the brush by the wheel while Ctrl is down", () => {
      page.dispatchEvent(event("keydown", { key: "Control", ctrlKey: true }));
      wheel({ ctrlKey: true });
      page.dispatchEvent(event("keyup", { key: "Control" }));
      wheel({ ctrlKey: true });
      expect(log).toEqual(["resize", "zoom"]);
    });

    it("still belongs to a Ctrl that was let go before the wheel was told", () => {
      page.dispatchEvent(event("keydown", { key: "Control", ctrlKey: true }));
      const turned = event("wheel", { clientX: 5, clientY: 5, deltaMode: 0, deltaY: -9, ctrlKey: true });
      const released = event("keyup", { key: "Control" });
      Object.defineProperty(released, "timeStamp", { value: turned.timeStamp + 3 });
      page.dispatchEvent(released);
      stage.dispatchEvent(turned);
      expect(log).toEqual(["resize"]);
    });

    it("knows of a Ctrl that went down elsewhere once the mouse moves, and of one that went up there", () => {
      const move = (rest: object) =>
        stage.dispatchEvent(event("pointermove", { pointerType: "mouse", button: -1, ...rest }));
      move({ ctrlKey: true });
      wheel({ ctrlKey: true });
      page.dispatchEvent(event("blur", {}));
      wheel({ ctrlKey: true });
      move({ ctrlKey: true });
      wheel({});
      expect(log).toEqual(["resize", "zoom", "zoom"]);
    });
  });

  describe("under a pen's eraser", () => {
    const pen = (type: string, button: number, buttons: number, x: number, rest: object = {}) =>
      stage.dispatchEvent(
        event(type, { pointerType: "pen", pointerId: 1, button, buttons, clientX: x, clientY: 50, ...rest }),
      );
    const stroke = () => {
      pen("pointerdown", 5, 32, 50);
      pen("pointermove", -1, 32, 60);
      pen("pointerup", 5, 0, 60);
    };

    it.each(["brush", "eraser"] as const)("takes away with the %s", (tool) => {
      toolbox.choose(tool);
      stroke();
      expect(log.map((line) => line.split(" ")[0])).toEqual(["subtract", "subtract", "end"]);
    });

    it("says with a click what does not belong to the mask", () => {
      pen("pointerdown", 5, 32, 50);
      pen("pointerup", 5, 0, 50);
      expect(log).toEqual(["point 50,50 0"]);
    });

    it("does nothing for the buttons on a mouse's side", () => {
      for (const button of [3, 4, 5]) pen("pointerdown", button, 0, 50, { pointerType: "mouse" });
      expect(log).toEqual([]);
    });
  });
});

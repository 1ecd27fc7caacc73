import { describe, expect, it } from "vitest";
import {
  CHANNELS,
  DEFAULT_VIEW,
  isDefaultView,
  isPhotographChanged,
  readViewOptions,
  withNextChannel,
  withStep,
  type ViewOptions,
} from "./viewOptions";

describe("view options", () => {
  it("move in steps that end at the slider's ends and never drift", () => {
    let view = withStep(withStep(DEFAULT_VIEW, "brightness", 1), "brightness", 1);
    expect(view.brightness).toBe(1.2);
    view = withStep(withStep(view, "brightness", -1), "brightness", -1);
    expect(isDefaultView(view)).toBe(true);
    for (let press = 0; press < 100; press++) view = withStep(view, "maskOpacity", -1);
    expect(view.maskOpacity).toBe(0);
    expect(isDefaultView(view)).toBe(false);
    expect(isPhotographChanged(view)).toBe(false);
  });

  it("go round the channels", () => {
    let view = DEFAULT_VIEW;
    const seen = CHANNELS.map(() => (view = withNextChannel(view)).channel);
    expect(seen).toEqual(["red", "green", "blue", "grey", "rgb"]);
    expect(isPhotographChanged(withNextChannel(view))).toBe(true);
  });

  it("are read back as they were stored", () => {
    const view: ViewOptions = {
      brightness: 1.5,
      contrast: 0.5,
      gamma: 2,
      channel: "blue",
      maskOpacity: 0.2,
      outlinesOnly: true,
      colorBy: "instance",
      crosshair: true,
      pixelGrid: false,
      minimap: false,
    };
    expect(readViewOptions(JSON.parse(JSON.stringify(view)))).toEqual(view);
  });

  it("are as usual where the memory is broken", () => {
    for (const broken of [null, "x", 3, [], { brightness: "bright", channel: "infrared", crosshair: 1 }]) {
      expect(readViewOptions(broken)).toEqual(DEFAULT_VIEW);
    }
    expect(readViewOptions({ gamma: 1e9, contrast: null })).toEqual({ ...DEFAULT_VIEW, gamma: 4 });
  });
});

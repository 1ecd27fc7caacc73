import { describe, expect, it } from "vitest";
import { KeyboardPointer } from "./keyboardPointer";
import type { PointerInput } from "./tool";

const ROOM = { width: 100, height: 60 };

function recording() {
  const log: string[] = [];
  const say = (what: string) => (input: PointerInput) =>
    void log.push(`${what} ${input.at.x},${input.at.y}${input.button === "secondary" ? " secondary" : ""}`);
  const tool = {
    down: say("down"),
    move: say("move"),
    up: say("up"),
    cancel: () => log.push("cancel") > 0,
    stepBack: () => false,
  };
  const places: (string | null)[] = [];
  const pointer = new KeyboardPointer(tool, (at) => places.push(at && `${at.x},${at.y}`));
  return { pointer, log, places };
}

describe("the keyboard's pointer", () => {
  it("appears in the middle first, clicks where it is, and stays on the stage", () => {
    const { pointer, log, places } = recording();
    pointer.press("primary", ROOM);
    expect(log).toEqual(["move 50,30"]);
    pointer.move(12, -12, ROOM);
    pointer.press("primary", ROOM);
    pointer.press("secondary", ROOM);
    pointer.move(500, -500, ROOM);
    expect(log.slice(1)).toEqual([
      "move 62,18",
      "down 62,18",
      "up 62,18",
      "down 62,18 secondary",
      "up 62,18 secondary",
      "move 99,0",
    ]);
    expect(places).toEqual(["50,30", "62,18", "99,0"]);
  });

  it("is held from one key to the next, which is a drag", () => {
    const { pointer, log } = recording();
    pointer.move(0, 0, ROOM);
    pointer.toggleHeld(ROOM);
    pointer.move(12, 0, ROOM);
    pointer.press("primary", ROOM);
    pointer.toggleHeld(ROOM);
    expect(log).toEqual(["move 50,30", "down 50,30", "move 62,30", "up 62,30"]);
  });

  it("gives its gesture up when another pointer comes, unless it was given up before", () => {
    const { pointer, log, places } = recording();
    pointer.leave();
    pointer.move(0, 0, ROOM);
    pointer.toggleHeld(ROOM);
    pointer.leave();
    expect(log.at(-1)).toBe("cancel");
    expect(places).toEqual(["50,30", null]);
    pointer.move(0, 0, ROOM);
    pointer.toggleHeld(ROOM);
    pointer.release();
    pointer.leave();
    expect(log.filter((line) => line === "cancel")).toHaveLength(1);
  });
});

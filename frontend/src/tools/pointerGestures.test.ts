import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { viewPoint } from "../geometry/points";
import { PointerGestures, type Contact, type PointerKind } from "./pointerGestures";
import type { PointerInput } from "./tool";

function recording({ isPolygon = false } = {}): { gestures: PointerGestures; log: string[] } {
  const log: string[] = [];
  const tell = (what: string) => (input: PointerInput) =>
    log.push(`${what} ${input.at.x},${input.at.y} ${input.button}`);
  const gestures = new PointerGestures(
    {
      down: tell("down"),
      move: tell("move"),
      up: tell("up"),
      cancel: () => log.push("cancel") > 0,
      stepBack: () => isPolygon && log.push("step back") > 0,
    },
    {
      onPan: (dx, dy) => log.push(`pan ${dx},${dy}`),
      onZoom: (at, factor) => log.push(`zoom ${at.x},${at.y} ${factor}`),
    },
  );
  return { gestures, log };
}

function contact(kind: PointerKind, id: number, x: number, y: number, rest: Partial<Contact> = {}): Contact {
  return {
    kind,
    id,
    at: viewPoint(x, y),
    button: "primary",
    isAlt: false,
    isShift: false,
    isCtrl: false,
    ...rest,
  };
}

const finger = (id: number, x: number, y: number) => contact("touch", id, x, y);

describe("pointer gestures", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("give mouse and pen to the tool as they come, one at a time", () => {
    const { gestures, log } = recording();
    gestures.move(contact("pen", 1, 0, 0));
    gestures.down(contact("pen", 1, 1, 1, { button: "secondary" }));
    gestures.down(contact("mouse", 2, 5, 5));
    // Moves come without a button; the one that is down counts.
    gestures.move(contact("pen", 1, 2, 2));
    gestures.up(contact("mouse", 2, 5, 5));
    gestures.up(contact("pen", 1, 3, 3, { button: "secondary" }));
    expect(log).toEqual(["move 0,0 primary", "down 1,1 secondary", "move 2,2 secondary", "up 3,3 secondary"]);
    expect(gestures.isIdle).toBe(true);
  });

  it("make a click of a tap, though the finger trembles", () => {
    const { gestures, log } = recording();
    gestures.down(finger(1, 10, 10));
    gestures.move(finger(1, 13, 12));
    expect(log).toEqual([]);
    gestures.up(finger(1, 13, 12));
    expect(log).toEqual(["down 10,10 primary", "up 10,10 primary"]);
    vi.advanceTimersByTime(1000);
    expect(log).toHaveLength(2);
  });

  it("make a right click of a long press, and nothing of what follows it", () => {
    const { gestures, log } = recording();
    gestures.down(finger(1, 10, 10));
    vi.advanceTimersByTime(499);
    expect(log).toEqual([]);
    vi.advanceTimersByTime(2);
    gestures.move(finger(1, 90, 90));
    gestures.up(finger(1, 90, 90));
    expect(log).toEqual(["down 10,10 secondary", "up 10,10 secondary"]);
  });

  it("drag with one finger", () => {
    const { gestures, log } = recording();
    gestures.down(finger(1, 10, 10));
    gestures.move(finger(1, 30, 10));
    gestures.up(finger(1, 40, 20));
    expect(log).toEqual(["down 10,10 primary", "move 30,10 primary", "up 40,20 primary"]);
  });

  it("move and zoom with two, without a click when they are lifted", () => {
    const { gestures, log } = recording();
    gestures.down(finger(1, 0, 0));
    gestures.down(finger(2, 100, 0));
    gestures.move(finger(2, 200, 0));
    gestures.up(finger(1, 0, 0));
    gestures.move(finger(2, 300, 0));
    gestures.up(finger(2, 300, 0));
    vi.advanceTimersByTime(1000);
    expect(log).toEqual(["pan 50,0", "zoom 100,0 2"]);
    expect(gestures.isIdle).toBe(true);
    gestures.down(finger(3, 5, 5));
    gestures.up(finger(3, 5, 5));
    expect(log.slice(2)).toEqual(["down 5,5 primary", "up 5,5 primary"]);
  });

  it("take back what the first finger did when the second comes", () => {
    for (const [isPolygon, back] of [
      [false, "cancel"],
      [true, "step back"],
    ] as const) {
      const { gestures, log } = recording({ isPolygon });
      gestures.down(finger(1, 0, 0));
      gestures.move(finger(1, 50, 0));
      gestures.down(finger(2, 100, 0));
      expect(log.at(-1)).toBe(back);
    }
  });

  it("ignore the hand that rests while the pen draws", () => {
    const { gestures, log } = recording();
    gestures.down(contact("pen", 1, 0, 0));
    gestures.down(finger(2, 50, 50));
    gestures.down(finger(3, 60, 50));
    gestures.move(finger(3, 90, 50));
    gestures.up(finger(3, 90, 50));
    gestures.up(contact("pen", 1, 1, 0));
    expect(log).toEqual(["down 0,0 primary", "up 1,0 primary"]);
  });

  it("give up what the browser takes away", () => {
    const { gestures, log } = recording();
    gestures.down(finger(1, 0, 0));
    gestures.cancel(finger(1, 0, 0));
    vi.advanceTimersByTime(1000);
    expect(log).toEqual([]);
    gestures.down(contact("mouse", 2, 0, 0));
    gestures.cancel(contact("mouse", 2, 0, 0));
    expect(log).toEqual(["down 0,0 primary", "cancel"]);
    expect(gestures.isIdle).toBe(true);
  });
});

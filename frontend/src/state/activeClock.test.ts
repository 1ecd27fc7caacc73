import { describe, expect, it } from "vitest";
import { ActiveClock, IDLE_MS } from "./activeClock";

describe("the clock of work", () => {
  it("counts the time between what is done, short pauses included", () => {
    const clock = new ActiveClock();
    clock.mark(1_000);
    clock.mark(1_400);
    clock.mark(4_000);
    expect(clock.seconds(4_000)).toBe(3);
    expect(clock.seconds(5_500)).toBe(4.5);
  });

  it("leaves out a pause that is longer than looking takes", () => {
    const clock = new ActiveClock();
    clock.mark(0);
    clock.mark(2_000);
    const later = 2_000 + IDLE_MS + 1;
    expect(clock.seconds(later)).toBe(2);
    clock.mark(later);
    clock.mark(later + 3_000);
    expect(clock.seconds(later + 3_000)).toBe(5);
  });

  it("stops while the page is not in sight", () => {
    const clock = new ActiveClock();
    clock.mark(0);
    clock.leave(1_000);
    expect(clock.seconds(9_000)).toBe(1);
    clock.mark(9_000);
    expect(clock.seconds(9_500)).toBe(1.5);
  });

  it("never runs backwards, and stands before anything was done", () => {
    const clock = new ActiveClock();
    expect(clock.seconds(5_000)).toBe(0);
    clock.mark(100);
    expect(clock.seconds(50)).toBe(0);
  });
});

import { describe, expect, it } from "vitest";
import { ActiveClock, IDLE_MS } from "./activeClock";
import { dueSince } from "./maskTime";

/** Moves the pointer every half second from one moment to another. */
function work(clock: ActiveClock, from: number, to: number): void {
  for (let now = from; now <= to; now += 500) clock.mark(now);
}

describe("the hint that a mask takes long", () => {
  it("comes once the mask was worked on for so long", () => {
    const clock = new ActiveClock();
    work(clock, 0, 4_000);
    const since = clock.settledSeconds();
    work(clock, 4_500, 33_500);
    expect(dueSince(30, since, clock.settledSeconds())).toBe(null);
    clock.mark(34_000);
    expect(dueSince(30, since, clock.settledSeconds())).toBe(4);
  });

  it("is brought no nearer by a pause, not even while nobody knows yet how long that gets", () => {
    const clock = new ActiveClock();
    work(clock, 0, 20_000);
    // Somebody walks away: no sign of them at 34 s either, when 30 s would have passed on the wall.
    expect(clock.seconds(34_000)).toBe(34);
    expect(dueSince(30, 0, clock.settledSeconds())).toBe(null);
    const back = 20_000 + IDLE_MS + 1;
    work(clock, back, back + 9_500);
    expect(dueSince(30, 0, clock.settledSeconds())).toBe(null);
    clock.mark(back + 10_000);
    expect(dueSince(30, 0, clock.settledSeconds())).toBe(0);
  });

  it("counts short looks without a move, once the next move shows that somebody looked", () => {
    const clock = new ActiveClock();
    clock.mark(0);
    clock.mark(10_000);
    clock.mark(20_000);
    expect(dueSince(20, 0, clock.settledSeconds())).toBe(0);
  });

  it("never comes where it is not asked for, or no mask is being made", () => {
    expect(dueSince(null, 0, 1_000)).toBe(null);
    expect(dueSince(30, null, 1_000)).toBe(null);
  });
});

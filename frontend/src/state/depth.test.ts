import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnnotationState } from "./annotation";
import { byDepth, masksRestacked, type Restacking } from "./depth";
import { maskAt } from "./hitTest";
import { masksLocked } from "./selection";
import { boxMask, stateOf } from "./testMasks";
import { masksHidden } from "./visibility";

const large = boxMask("large", [0, 0, 10, 10]);
const middle = boxMask("middle", [0, 0, 6, 6]);
const small = boxMask("small", [0, 0, 3, 3]);
const aside = boxMask("aside", [15, 15, 16, 16]);
const state = stateOf(small, aside, large, middle);

function stack(now: AnnotationState): string[] {
  return [...now.masks.values()].sort(byDepth).map(({ id }) => id);
}

const move = (now: AnnotationState, id: string, where: Restacking) => masksRestacked(now, [id], where);

describe("depth", () => {
  it("has the smaller mask over the larger one until told otherwise", () => {
    expect(stack(state)).toEqual(["large", "middle", "small", "aside"]);
    expect(maskAt(state, 1, 1)?.id).toBe("small");
  });

  it("moves to front and back past everything, changing nothing else", () => {
    const front = move(state, "large", "front");
    expect(stack(front).at(-1)).toBe("large");
    expect(maskAt(front, 1, 1)?.id).toBe("large");
    const back = move(state, "small", "back");
    expect(stack(back)[0]).toBe("small");
    for (const now of [front, back]) {
      const changed = [...now.masks.values()].filter((mask) => state.masks.get(mask.id) !== mask);
      expect(changed).toHaveLength(1);
    }
    expect(move(front, "large", "front")).toBe(front);
  });

  it("moves a step past the next one it overlaps", () => {
    const once = move(state, "large", "forward");
    expect(stack(once)).toEqual(["middle", "small", "aside", "large"]);
    const down = move(state, "small", "backward");
    expect(stack(down)).toEqual(["small", "large", "middle", "aside"]);
    expect(move(state, "aside", "backward")).toBe(state);
  });

  it("keeps locked masks where they are and ignores hidden ones when pointing", () => {
    const locked = masksLocked(state, ["large"], true);
    expect(move(locked, "large", "front")).toBe(locked);
    expect(maskAt(masksHidden(state, ["small"], true), 1, 1)?.id).toBe("middle");
    expect(maskAt(state, 1, 1, ({ id }) => id === "large")?.id).toBe("large");
    expect(maskAt(state, 19, 0)).toBeNull();
  });

  it("puts any mask where it was asked to be, whatever the depths", () => {
    const masks = fc.array(
      fc.record({ z: fc.integer({ min: -3, max: 3 }), side: fc.integer({ min: 1, max: 6 }) }),
      { minLength: 2, maxLength: 6 },
    );
    fc.assert(
      fc.property(masks, (made) => {
        const all = stateOf(
          ...made.map(({ z, side }, index) => boxMask(String(index), [0, 0, side, side], { z })),
        );
        const others = (now: AnnotationState) => [...now.masks.values()].filter(({ id }) => id !== "0");
        const inFront = move(all, "0", "front");
        expect(others(inFront).every((other) => byDepth(inFront.masks.get("0")!, other) > 0)).toBe(true);
        const behind = move(all, "0", "back");
        expect(others(behind).every((other) => byDepth(behind.masks.get("0")!, other) < 0)).toBe(true);
        // All of them overlap: a step forward leads past at least one more, unless it is in front already.
        const below = (now: AnnotationState) =>
          others(now).filter((other) => byDepth(now.masks.get("0")!, other) > 0).length;
        const forward = move(all, "0", "forward");
        expect(below(forward) > below(all) || below(all) === others(all).length).toBe(true);
        expect(below(move(all, "0", "backward")) <= below(all)).toBe(true);
      }),
    );
  });
});

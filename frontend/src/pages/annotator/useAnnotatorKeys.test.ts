import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { rectangleMask } from "../../masks/shapes";
import { EMPTY_DRAFT, type Draft } from "../../state/annotation";
import { decodedMask, SIZE } from "../../state/testMasks";
import { DEFAULT_KEYMAP } from "../../tools/keymap";
import { commandOfEvent } from "./useAnnotatorKeys";

const rle = rectangleMask({ x0: 0, y0: 0, x1: 2, y1: 2 }, SIZE);
const draftOf = (count: number, chosen: number): Draft => ({
  ...EMPTY_DRAFT,
  candidates: Array.from({ length: count }, () => decodedMask(rle)),
  chosen,
});

/** An element that lies in what matches these selectors. */
class Place {
  constructor(private readonly selectors: readonly string[]) {}
  closest(asked: string): Place | null {
    return asked.split(", ").some((selector) => this.selectors.includes(selector)) ? this : null;
  }
}
const STAGE = new Place([]);
const BUTTON = new Place(["button", "button:not(.candidate)"]);
const CANDIDATE = new Place(["button", "[role=radiogroup]"]);
const SLIDER = new Place(["[tabindex]:not([role=application])", "[role=slider]"]);

function pressed(key: string, target: Place, draft: Draft, rest: Partial<KeyboardEvent> = {}) {
  const event = { key, code: "", ctrlKey: false, altKey: false, metaKey: false, shiftKey: false, ...rest };
  return (
    commandOfEvent({ ...event, target } as unknown as KeyboardEvent, DEFAULT_KEYMAP, draft)?.name ?? null
  );
}

describe("the annotator's keys", () => {
  beforeEach(() => void vi.stubGlobal("Element", Place));
  afterEach(() => void vi.unstubAllGlobals());
  const back = { shiftKey: true };

  it("walk through the candidates with Tab, and on through the page after the last", () => {
    const walk = [0, 1, 2].map((chosen) => pressed("Tab", STAGE, draftOf(3, chosen)));
    expect(walk).toEqual(["nextCandidate", "nextCandidate", null]);
    const there = [2, 1, 0].map((chosen) => pressed("Tab", STAGE, draftOf(3, chosen), back));
    expect(there).toEqual(["previousCandidate", "previousCandidate", null]);
    expect(pressed("Tab", STAGE, draftOf(1, 0))).toBeNull();
    expect(pressed("Tab", STAGE, EMPTY_DRAFT)).toBeNull();
  });

  it("go round with the other key for it", () => {
    expect(pressed("c", STAGE, draftOf(3, 2))).toBe("nextCandidate");
    expect(pressed("c", CANDIDATE, draftOf(3, 2))).toBe("nextCandidate");
  });

  it("leave Tab alone where something else has the focus", () => {
    for (const place of [BUTTON, CANDIDATE, SLIDER]) expect(pressed("Tab", place, draftOf(3, 0))).toBeNull();
  });

  it("save with Enter from a candidate, and press any other button", () => {
    expect(pressed("Enter", STAGE, draftOf(3, 0))).toBe("accept");
    expect(pressed("Enter", CANDIDATE, draftOf(3, 0))).toBe("accept");
    expect(pressed("Enter", BUTTON, draftOf(3, 0))).toBeNull();
  });

  it("leave the arrows to those who have a use for them", () => {
    expect(pressed("ArrowRight", STAGE, EMPTY_DRAFT)).toBe("nextImage");
    expect(pressed("ArrowRight", CANDIDATE, EMPTY_DRAFT)).toBeNull();
    expect(pressed("ArrowRight", SLIDER, EMPTY_DRAFT)).toBeNull();
  });
});

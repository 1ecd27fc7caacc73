import { describe, expect, it } from "vitest";
import type { EngineRow } from "../../api/types";
import { decisionShares, miouPoints, originShares, pointsOf, roundFigures, scaleOf } from "./rounds";
import { roundTable } from "./roundTable";

const NOTHING = {
  reason: null,
  retrained_from: null,
  until: null,
  ...{ images: 0, masks: 0, masks_per_image: null },
  ...{ hand_masks: 0, seconds_per_mask: null, clicks_per_mask: null, seconds_per_any_mask: null },
  ...{ prefilled: 0, prefilled_untouched: 0, prefilled_fixed: 0, prefilled_share: null },
  ...{ proposals_open: 0, proposals_untouched: 0, proposals_fixed: 0, proposals_rejected: 0 },
  ...{ untouched_share: null, fixed_share: null, rejected_share: null },
  ...{ miou: null, miou_before: null, miou_difference: null, miou_low: null, miou_high: null },
  ...{ is_held_out: null, verdict: null },
  ...{ train_images: null, train_masks: null, val_images: null, val_masks: null },
};

function row(key: number, fields: Partial<EngineRow>): EngineRow {
  return { ...NOTHING, key: String(key), name: `tiny@${key}`, since: "2026-03-02T12:00:00Z", ...fields };
}

const FIRST = row(0, { masks: 8, images: 2, masks_per_image: 4, seconds_per_mask: 20, clicks_per_mask: 4 });
const SECOND = row(1, {
  ...{ masks: 10, images: 2, masks_per_image: 5, seconds_per_mask: 10, clicks_per_mask: 4 },
  ...{ prefilled: 5, prefilled_untouched: 4, prefilled_fixed: 1, prefilled_share: 0.5 },
  ...{ proposals_untouched: 4, proposals_fixed: 1, proposals_rejected: 5 },
  ...{ untouched_share: 0.4, fixed_share: 0.1, rejected_share: 0.5 },
  ...{ miou: 0.8, miou_before: 0.7, miou_difference: 0.1, miou_low: 0.06, miou_high: 0.14 },
  ...{ is_held_out: true, verdict: "better", reason: "promoted", retrained_from: "tiny@0" },
});
const EMPTY = row(2, {});

describe("small charts of rounds", () => {
  it("have a point for each round, known or not", () => {
    const points = pointsOf([FIRST, SECOND, EMPTY], "seconds_per_mask");
    expect(points.map(({ round, value }) => [round, value])).toEqual([
      ["Round 0", 20],
      ["Round 1", 10],
      ["Round 2", null],
    ]);
  });

  it("lay the interval of the difference around the model of before", () => {
    const [first, second] = miouPoints([FIRST, SECOND]);
    expect([first!.value, first!.low]).toEqual([null, null]);
    expect([second!.before, second!.value]).toEqual([0.7, 0.8]);
    expect([second!.low, second!.high]).toEqual([expect.closeTo(0.76), expect.closeTo(0.84)]);
    const single = miouPoints([row(1, { miou: 0.5, miou_before: 0.4, miou_difference: 0.1 })]);
    expect(single[0]!.high).toBeNull();
  });

  it("share out all masks, and all proposals that were decided", () => {
    expect(originShares([SECOND, EMPTY])).toEqual([
      { round: "Round 1", by_hand: 0.5, prefilled_fixed: 0.1, prefilled_untouched: 0.4 },
      { round: "Round 2", by_hand: 0, prefilled_fixed: 0, prefilled_untouched: 0 },
    ]);
    const [decided] = decisionShares([SECOND]);
    expect(decided).toEqual({
      round: "Round 1",
      ...{ untouched_share: 0.4, fixed_share: 0.1, rejected_share: 0.5 },
    });
  });
});

describe("a scale", () => {
  it("holds what is shown between round numbers", () => {
    expect(scaleOf([34, 14, 3.5], true)).toEqual({ from: 0, to: 40, ticks: [0, 10, 20, 30, 40] });
    const close = scaleOf([0.71, 0.732], false);
    expect([close.from, close.to]).toEqual([expect.closeTo(0.71), expect.closeTo(0.74)]);
  });

  it("is one for a single value, too", () => {
    for (const value of [0, 0.7, 5]) {
      for (const isFromZero of [true, false]) {
        const { from, to, ticks } = scaleOf([value], isFromZero);
        expect(from).toBeLessThanOrEqual(value);
        expect(to).toBeGreaterThanOrEqual(value);
        expect(to).toBeGreaterThan(from);
        expect(ticks.length).toBeGreaterThan(1);
      }
    }
  });
});

describe("the figures of the present round", () => {
  const figure = (rows: EngineRow[], name: string) => roundFigures(rows).find((one) => one.name === name)!;

  it("stand beside those of the one before, a model beside the one it came from", () => {
    const rows = [FIRST, SECOND];
    expect(figure(rows, "Seconds per mask")).toMatchObject({ value: 10, before: 20, better: "less" });
    expect(figure(rows, "Masks per image")).toMatchObject({ value: 5, before: 4, better: "more" });
    expect(figure(rows, "Mean IoU")).toMatchObject({ value: 0.8, before: 0.7, difference: "+0.100" });
    const chance = figure([FIRST, { ...SECOND, verdict: "same" }], "Mean IoU");
    expect(chance.difference).toBe("+0.100, may be chance");
    expect(chance.better).toBeUndefined();
    expect(figure([FIRST], "Seconds per mask")).toMatchObject({ value: 20, before: null });
  });
});

describe("the table of rounds", () => {
  it("has a column for each and says what is not known", () => {
    const { head, rows } = roundTable([FIRST, SECOND]);
    expect(head).toEqual(["Figure", "Round 0", "Round 1"]);
    const line = (name: string) => rows.find(([first]) => first === name)!.slice(1);
    expect(line("Difference")).toEqual(["–", "+0.100 (+0.060 to +0.140)"]);
    expect(line("Proposals rejected")).toEqual(["0", "5 (50 %)"]);
    expect(line("It came")).toEqual(["with the project", "promoted"]);
    expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length);
  });
});

import { describe, expect, it } from "vitest";
import type { ActivityRow, StatusRow } from "../../api/types";
import { differenceText, shareText } from "./figures";
import { dayText, isDay, periodBefore, periodOf } from "./period";
import { masksOverTime, stackedMasks, thinned } from "./series";

const TODAY = "2026-03-10";
const NONE = { since: null, until: null };

function row(key: string, part: string | null, masks: number): ActivityRow {
  const nothing = {
    seconds: 0,
    seconds_per_mask: null,
    clicks: 0,
    clicks_per_mask: null,
    masks_per_image: null,
  };
  const shares = { model_masks: 0, compared_masks: 0, untouched: 0, untouched_share: null, model_iou: null };
  return { key, name: key, masks, ...nothing, ...shares, split_key: part, split_name: part ?? "Nobody" };
}

describe("periods", () => {
  it("end today and have the days they say", () => {
    expect(periodOf("7", NONE, TODAY)).toEqual({ since: "2026-03-04", until: TODAY });
    expect(periodOf("all", NONE, TODAY)).toEqual(NONE);
    expect(periodOf("custom", { since: "2026-01-01", until: null }, TODAY).since).toBe("2026-01-01");
  });

  it("are compared with as many days just before", () => {
    expect(periodBefore(periodOf("7", NONE, TODAY), TODAY)).toEqual({
      since: "2026-02-25",
      until: "2026-03-03",
    });
    expect(periodBefore({ since: "2026-03-09", until: null }, TODAY)).toEqual({ since: "2026-03-07", until: "2026-03-08" }); // prettier-ignore
    expect(periodBefore(NONE, TODAY)).toBeNull();
  });

  it("are read from addresses only where they are days", () => {
    expect([isDay("2026-03-02"), isDay("2026-13-40"), isDay("today"), isDay(null)]).toEqual([true, false, false, false]); // prettier-ignore
    expect(dayText("2026-03-02")).toBe("2 Mar");
  });
});

describe("columns of masks", () => {
  const rows = [row("2026-03-08", "1", 2), row("2026-03-08", null, 5), row("2026-03-10", "others", 9)];

  it("are there for days without any, the largest part first and others last", () => {
    const { parts, columns, step } = stackedMasks(rows, { since: "2026-03-07", until: null }, TODAY, 1);
    expect(parts.map(({ label }) => label)).toEqual(["Nobody", "1", "others"]);
    expect(step).toBe(1);
    expect(columns).toEqual([
      { day: "2026-03-07", part0: 0, part1: 0, part2: 0 },
      { day: "2026-03-08", part0: 5, part1: 2, part2: 0 },
      { day: "2026-03-09", part0: 0, part1: 0, part2: 0 },
      { day: "2026-03-10", part0: 0, part1: 0, part2: 9 },
    ]);
  });

  it("are weeks where there are many, and lose none", () => {
    const stacked = stackedMasks(rows, { since: "2025-03-12", until: null }, TODAY, 7);
    expect([stacked.step, stacked.columns.length]).toEqual([7, 53]);
    const sum = stacked.columns.reduce((all, { part0, part1, part2 }) => all + Number(part0) + Number(part1) + Number(part2), 0); // prettier-ignore
    expect(sum).toBe(16);
    expect(masksOverTime(rows, "1", stacked).reduce((all, count) => all + count, 0)).toBe(2);
  });

  it("are none where nothing was ever made", () => {
    expect(stackedMasks([], NONE, TODAY, 1).columns).toEqual([]);
  });
});

describe("figures", () => {
  it("thin out days and keep the last one", () => {
    const days = Array.from({ length: 700 }, (_, accepted) => ({ accepted }) as StatusRow);
    const kept = thinned(days);
    expect(kept.length).toBeLessThanOrEqual(200);
    expect(kept.at(-1)!.accepted).toBe(699);
    expect(thinned(days.slice(0, 3)).length).toBe(3);
  });

  it("differ by a part of what they were, shares by points", () => {
    expect(differenceText(12, 10, false)).toBe("+20 %");
    expect(differenceText(5, 10, false)).toBe("−50 %");
    expect(differenceText(0.5, 0.6, true)).toBe("−10 points");
    expect([differenceText(null, 1, false), differenceText(3, 0, false)]).toEqual([null, null]);
    expect([shareText(null), shareText(0), shareText(0.034), shareText(1)]).toEqual([
      "–",
      "0 %",
      "3.4 %",
      "100 %",
    ]);
  });
});

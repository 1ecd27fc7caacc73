import { expect, it } from "vitest";
import { firstThreshold } from "./threshold";

const bins = (open: Readonly<Record<number, number>>) =>
  Array.from({ length: 20 }, (_, index) => ({
    least: index / 20,
    open: open[index] ?? 0,
    accepted: 9,
    rejected: 0,
    superseded: 0,
  }));

it("stands at 0.9 for models that are sure of themselves, and lower for others", () => {
  expect(firstThreshold(bins({ 19: 40, 10: 60 }))).toBe(0.9);
  expect(firstThreshold(bins({ 12: 5, 11: 15, 5: 80 }))).toBe(0.55);
  expect(firstThreshold(bins({}))).toBe(0.9);
});

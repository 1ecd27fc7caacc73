import { expect, it } from "vitest";
import { counted, duration, fileSize, percentage } from "./formats";

it("counts nouns", () => {
  expect([counted(1, "image"), counted(0, "image"), counted(2, "match", "matches")]).toEqual([
    "1 image",
    "0 images",
    "2 matches",
  ]);
});

it("says spans of time", () => {
  expect([0.2, 59, 61, 3599, 3600, 7500].map(duration)).toEqual([
    "1 s",
    "59 s",
    "1 min",
    "1 h",
    "1 h",
    "2 h 5 min",
  ]);
});

it("says sizes and shares", () => {
  expect([fileSize(10), fileSize(5 * 1024 ** 2), fileSize(3 * 1024 ** 3)]).toEqual([
    "1 kB",
    "5.0 MB",
    "3.00 GB",
  ]);
  expect([percentage(0.874), percentage(null)]).toEqual(["87 %", "–"]);
});

import { expect, it } from "vitest";
import { counted, duration, fileSize, percentage, sinceWhen } from "./formats";

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

it("says how long ago something was", () => {
  const now = new Date("2026-03-01T12:00:00Z");
  const ago = (seconds: number) => sinceWhen(new Date(now.getTime() - seconds * 1000), now);
  expect([ago(-5), ago(10), ago(40), ago(7500), ago(3 * 24 * 3600)]).toEqual([
    "just now",
    "just now",
    "40 s ago",
    "2 h 5 min ago",
    "on Feb 26, 2026",
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

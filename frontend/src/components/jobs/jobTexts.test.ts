import { expect, it } from "vitest";
import type { ProjectEmbeddings } from "../../api/types";
import {
  embeddingLook,
  embeddingProblems,
  fileOf,
  keptUntil,
  lookOf,
  progressPercent,
  progressText,
} from "./jobTexts";

it("says how far a job is and how long it takes", () => {
  const told = [
    progressText({ done: 312, total: 1000, unit: "images" }, 118),
    progressText({ done: 312, total: 1000, unit: "images" }, null),
    progressText({ done: 1200, total: null, unit: "files" }, null),
    progressText({ done: 0, total: null, unit: "files" }, null),
  ];
  expect(told).toEqual(["312 of 1,000 images, about 2 min left", "312 of 1,000 images", "1,200 files", ""]);
  expect([progressPercent({ done: 1, total: 4 }), progressPercent({ done: 1, total: null })]).toEqual([
    25, 0,
  ]);
  expect(progressPercent({ done: 0, total: 0 })).toBe(0);
});

it("finds the file a job made while it is there", () => {
  const result = { file_name: "a.json", bytes: 5, download_url: "/f/", expires_at: "2026-01-02T00:00:00Z" };
  expect(fileOf({ result, is_expired: false })?.name).toBe("a.json");
  expect(fileOf({ result, is_expired: true })).toBeNull();
  expect(fileOf({ result: { masks: 3 }, is_expired: false })).toBeNull();
  expect(fileOf({ result: null, is_expired: false })).toBeNull();
});

it("tells how long a file is kept", () => {
  const result = { file_name: "a.jpg", bytes: 5, download_url: "/f/", expires_at: "2026-01-02T12:00:00Z" };
  const files = [result, { ...result, expires_at: null }].map((one) =>
    fileOf({ result: one, is_expired: false }),
  );
  expect(files.map((file) => keptUntil(file!))).toEqual(["kept until Jan 2", "kept"]);
});

it("tells states apart that the server keeps as one", () => {
  expect(lookOf({ state: "running", is_cancelling: true, is_expired: false })).toBe("cancelling");
  expect(lookOf({ state: "succeeded", is_cancelling: false, is_expired: true })).toBe("expired");
  const settled: ProjectEmbeddings = {
    queued: 0,
    running: 0,
    ready: 8,
    failed: 0,
    cancelled: 0,
    eta_seconds: 0,
    failures: [],
  };
  const looks = [
    settled,
    { ...settled, cancelled: 1 },
    { ...settled, cancelled: 1, failed: 2 },
    { ...settled, queued: 1, failed: 2 },
    { ...settled, queued: 1, running: 1 },
  ];
  expect(looks.map(embeddingLook)).toEqual(["succeeded", "cancelled", "failed", "queued", "running"]);
  expect(looks.map(embeddingProblems)).toEqual([
    "",
    "1 cancelled",
    "2 images failed, 1 cancelled",
    "2 images failed",
    "",
  ]);
});

import { expect, it } from "vitest";
import {
  importParams,
  outcomeOf,
  outcomeSentence,
  pictureSentence,
  previewOf,
  sourceOf,
  type ImportPreview,
} from "./imports";

const PREVIEW: ImportPreview = {
  format: "coco",
  tried: [],
  pictures: { new: 2, known: 1, matched: 1, missing: 1, total: 5 },
  images_with_masks: 0,
  masks: 9,
  masks_known: 0,
  unlabelled: 0,
  label_count: 3,
  labels: [
    { name: "cat", masks: 4, label: 7 },
    { name: "dog", masks: 4, label: null },
    { name: "cup", masks: 1, label: null },
  ],
  problem_count: 0,
  problems: [],
};

it("asks for the labels as they were shown, and as somebody chose", () => {
  expect(importParams({ upload: "u" }, PREVIEW, { cup: "skip", dog: "9" }, "add")).toEqual({
    upload: "u",
    format: "coco",
    labels: { cat: 7, dog: 9, cup: "skip" },
    policy: "add",
  });
  expect(importParams({ upload: "u" }, PREVIEW, {}, "skip")["labels"]).toEqual({
    cat: 7,
    dog: "create",
    cup: "create",
  });
});

it("says what is in a data set and what became of it", () => {
  expect(pictureSentence(PREVIEW)).toBe(
    "2 new pictures, 2 pictures the project has already, 1 picture that cannot be found.",
  );
  const outcome = {
    pictures: { new: 2, matched: 1, missing: 0 },
    masks: { created: 1, replaced: 2, deleted: 0, skipped: 3 },
    problem_count: 0,
    problems: [],
  };
  expect(outcomeSentence(outcome)).toBe(
    "1 mask came in, 2 replaced, 3 left out, on 3 images, 2 of them new.",
  );
  expect(outcomeOf({ kind: "import", result: { ...outcome } })).toEqual(outcome);
  expect(previewOf({ kind: "import.check", result: { ...PREVIEW } })).toEqual(PREVIEW);
  expect([
    previewOf({ kind: "import.check", result: null }),
    outcomeOf({ kind: "export", result: {} }),
  ]).toEqual([null, null]);
});

it("imports what was looked at: an upload, or a place as it was then", () => {
  const preview = { ...PREVIEW, fingerprint: "f" };
  expect(sourceOf({ params: { upload: "u" } }, preview)).toEqual({ upload: "u" });
  expect(sourceOf({ params: { place: "sets/cats" } }, preview)).toEqual({
    place: "sets/cats",
    fingerprint: "f",
  });
});

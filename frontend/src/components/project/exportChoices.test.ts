import { expect, it } from "vitest";
import {
  exportParams,
  FIRST_CHOICES,
  isPlain,
  problemOf,
  readChoices,
  type ExportChoices,
} from "./exportChoices";

it("asks the server for what was chosen, and says nothing of what was not", () => {
  const choices: ExportChoices = {
    ...FIRST_CHOICES,
    format: "yolo",
    withPictures: true,
    splits: { isOn: true, train: 8, val: 2, test: 0, seed: 7, group: "folder" },
    filter: { ...FIRST_CHOICES.filter, statuses: ["accepted"], labels: [3], until: "2026-03-01" },
  };
  expect(exportParams(choices, true)).toEqual({
    format: "yolo",
    pictures: true,
    unlabelled: "skip",
    statuses: ["accepted"],
    labels: [3],
    until: "2026-03-01",
    splits: { train: 8, val: 2, test: 0, seed: 7, group: "folder" },
  });
  expect(exportParams(FIRST_CHOICES, false)).toEqual({ format: "coco", pictures: false });
  expect(exportParams({ ...FIRST_CHOICES, format: "cutouts" }, false)).toEqual({
    format: "cutouts",
    pictures: true,
  });
});

it("streams COCO's JSON of the whole project only", () => {
  const filtered = { ...FIRST_CHOICES, filter: { ...FIRST_CHOICES.filter, since: "2026-01-01" } };
  const withPictures = { ...FIRST_CHOICES, withPictures: true };
  expect([FIRST_CHOICES, filtered, withPictures].map(isPlain)).toEqual([true, false, false]);
});

it("names what cannot be exported", () => {
  const splits = { ...FIRST_CHOICES.splits, isOn: true, train: 0, val: 0, test: 0 };
  const filter = { ...FIRST_CHOICES.filter, since: "2026-02-02", until: "2026-02-01" };
  expect(problemOf({ ...FIRST_CHOICES, splits })).toContain("part");
  expect(problemOf({ ...FIRST_CHOICES, filter })).toContain("first day");
  expect(problemOf(FIRST_CHOICES)).toBe("");
});

it("reads what was remembered, and of nonsense the first choices", () => {
  const { filter: _, ...kept } = { ...FIRST_CHOICES, format: "voc", unlabelled: "include" as const };
  expect(readChoices(kept, ["coco", "voc"])).toEqual({ ...FIRST_CHOICES, ...kept });
  for (const nonsense of [null, 7, { format: "gone", splits: { train: -1, group: "moon" } }])
    expect(readChoices(nonsense, ["coco"])).toEqual(FIRST_CHOICES);
});

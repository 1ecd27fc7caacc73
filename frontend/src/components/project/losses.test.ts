import { expect, it } from "vitest";
import { fieldNames, lossesOf, lossSentence, shownIou, type LossReport } from "./losses";

const KEPT: LossReport = {
  objects: 1234,
  changed: 0,
  dropped: 0,
  holes_lost: 0,
  parts_lost: 0,
  mean_iou: 1,
  fields_without_a_place: ["z", "prompts"],
  worst: [],
};

it("says what became of the masks", () => {
  const told = [
    KEPT,
    { ...KEPT, changed: 12, mean_iou: 0.99996 },
    { ...KEPT, changed: 12, dropped: 2, mean_iou: 0.5 },
    { ...KEPT, objects: 0 },
  ].map(lossSentence);
  expect(told).toEqual([
    "All 1,234 masks kept, pixel by pixel.",
    "12 of 1,234 masks changed; mean IoU 0.9999.",
    "12 of 1,234 masks changed, 2 of them lost altogether; mean IoU 0.5000.",
    "No mask was asked for: there is none in the file.",
  ]);
  expect([shownIou(1), shownIou(0.99999)]).toEqual(["1.0000", "0.9999"]);
  expect(fieldNames(KEPT.fields_without_a_place)).toBe("depth (z), prompts");
});

it("finds the account in a job's result, if there is one", () => {
  expect(lossesOf({ result: { losses: { ...KEPT } } })).toEqual(KEPT);
  expect([lossesOf({ result: null }), lossesOf({ result: { losses: "none" } })]).toEqual([null, null]);
});

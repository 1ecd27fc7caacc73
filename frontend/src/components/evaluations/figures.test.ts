import { describe, expect, it } from "vitest";
import type { Evaluation, KeyFigure } from "../../api/evaluations";
import { comparableTo, differenceText, figureRows, figureText, unlikeText } from "./figures";

const figure = (key: string, value: number): KeyFigure => ({ key, name: key.toUpperCase(), value });

const evaluation = (id: number, fields: Partial<Evaluation> = {}): Evaluation => ({
  id,
  job: `job-${id}`,
  state: "succeeded",
  progress: { done: 2, total: 2, unit: "images" },
  eta_seconds: null,
  error_code: "",
  error_message: "",
  project: 1,
  model: "tiny@1",
  task: "instances",
  settings: { max_images: 100 },
  created_by: null,
  created_at: "2026-01-01T00:00:00Z",
  started_at: null,
  finished_at: null,
  images: 2,
  images_left_out: 0,
  figures: [figure("ap", 0.5)],
  file_url: null,
  ...fields,
});

describe("figures", () => {
  it("are written by what they are", () => {
    expect([0.12345, 1, 0, 63.25, null].map(figureText)).toEqual(["0.123", "1.000", "0.000", "63.3", "–"]);
  });

  it("stand beside each other in the order of the first, with what one alone has", () => {
    const rows = figureRows(
      [figure("ap", 0.5), figure("small", 0.25)],
      [figure("large", 0.9), figure("ap", 0.625)],
    );
    expect(rows).toEqual([
      { key: "ap", name: "AP", value: 0.5, other: 0.625, difference: -0.125 },
      { key: "small", name: "SMALL", value: 0.25, other: null, difference: null },
      { key: "large", name: "LARGE", value: null, other: 0.9, difference: null },
    ]);
    expect(rows.map(differenceText)).toEqual(["−0.125", "–", "–"]);
  });

  it("differ only where one sees it", () => {
    const texts = (value: number, other: number) =>
      differenceText(figureRows([figure("a", value)], [figure("a", other)])[0]!);
    expect(texts(0.5001, 0.5)).toBe("0.000");
    expect(texts(0.7, 0.5)).toBe("+0.200");
    expect(texts(70, 64.5)).toBe("+5.5");
    expect(texts(0.5, 12)).toBe("−11.5");
  });
});

describe("comparing", () => {
  it("is for others by the same task that have figures", () => {
    const shown = evaluation(1);
    const all = [
      shown,
      evaluation(2),
      evaluation(3, { task: "probe" }),
      evaluation(4, { state: "running", figures: [] }),
    ];
    expect(comparableTo(shown, all).map(({ id }) => id)).toEqual([2]);
  });

  it("says what besides the model is not the same", () => {
    const one = evaluation(1, { settings: { max_images: 50, points_per_side: 32 } });
    expect(unlikeText(one, { ...one, id: 2 })).toBe("");
    expect(unlikeText(one, { ...one, images: 1 })).toBe("They did not look at the same number of images.");
    expect(unlikeText(one, { ...one, settings: { max_images: 50, points_per_side: 16 } })).toBe(
      "They were set differently: points per side.",
    );
  });
});

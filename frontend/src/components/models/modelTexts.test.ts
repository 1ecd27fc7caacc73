import { describe, expect, it } from "vitest";
import type { CurvePoint, ModelVersion, TrainingMaterial, TrainingRun } from "../../api/types";
import { curvesOf } from "./curves";
import {
  ancestorsOf,
  changeText,
  durationText,
  modelBytes,
  parametersText,
  rollBackText,
  speedOf,
} from "./modelTexts";
import { caveatText, judged, signed, tooFewText, verdictText } from "./trainingTexts";

function model(id: number, retrained_from: number | null): ModelVersion {
  return { id, retrained_from } as ModelVersion;
}

describe("a model", () => {
  it("is told with all it came from, the nearest first", () => {
    const models = [model(1, null), model(2, 1), model(3, 2), model(4, 1)];
    expect(ancestorsOf(models[2]!, models).map(({ id }) => id)).toEqual([2, 1]);
    expect(ancestorsOf(models[0]!, models)).toEqual([]);
    // One that is no longer told ends the line, and a circle does too.
    expect(ancestorsOf(model(9, 8), models)).toEqual([]);
    expect(ancestorsOf(model(5, 6), [model(5, 6), model(6, 5)]).map(({ id }) => id)).toEqual([6, 5]);
  });

  it("is as large as all its files", () => {
    const graphs = { prepare: { bytes: 20 }, click: { bytes: 3 } };
    expect(modelBytes({ manifest: { weights: { bytes: 100 }, graphs } } as ModelVersion)).toBe(123);
  });

  it("has so many parameters", () => {
    expect([12_345, 5_292_434, 93_735_472, 641_090_608].map(parametersText)).toEqual([
      "12 thousand",
      "5.3 million",
      "93.7 million",
      "641 million",
    ]);
  });

  it("is as fast as its manifest says, where it does", () => {
    const of = (metrics: object) => speedOf({ manifest: { metrics } } as ModelVersion);
    const measured = { encoder_seconds: 1.21, click_seconds: 0.059, speed_device: "cpu" };
    expect(of(measured)).toEqual({ encoderSeconds: 1.21, clickSeconds: 0.059, device: "cpu" });
    expect(of({ mean_iou: 0.7 })).toBeNull();
    expect([0.0004, 0.059, 0.42, 26.3].map(durationText)).toEqual(["1 ms", "59 ms", "0.42 s", "26 s"]);
  });

  it("says what it means for a project without images", () => {
    expect(changeText(0)).toContain("from now on");
    expect(changeText(1)).toContain("1 image ");
    expect([rollBackText(0), rollBackText(2)].map((text) => text.includes("before"))).toEqual([false, true]);
  });
});

describe("the material of a training", () => {
  const enough: TrainingMaterial = {
    ...{ train_images: 4, train_masks: 16, val_images: 1, val_masks: 4 },
    ...{ train_masks_needed: 8, val_masks_needed: 2 },
  };

  it("is enough, or it is said how many images more are needed", () => {
    expect(tooFewText(enough)).toBeNull();
    const few = { ...enough, train_images: 1, train_masks: 3, val_images: 1, val_masks: 1 };
    expect(tooFewText(few)).toMatch(
      /5 more to train on and 1 more to measure by\. .* 2\.0 masks .* 4 images more/,
    );
    const noVal = { ...enough, val_images: 0, val_masks: 0 };
    expect(tooFewText(noVal)).toMatch(
      /^There are too few accepted masks: 2 more to measure by\. .* 3 images more/,
    );
  });

  it("is nothing where nothing is accepted", () => {
    const none = { ...enough, train_images: 0, train_masks: 0, val_images: 0, val_masks: 0 };
    expect(tooFewText(none)).toContain("No image with masks is accepted yet.");
  });
});

describe("what came of a training", () => {
  type Metrics = NonNullable<TrainingRun["metrics"]>;
  const metrics = (mean: number, low: number | null, high: number | null, isHeldOut = true) =>
    ({
      parent: { mean_miou: 0.5 },
      child: { mean_miou: 0.5 + mean },
      difference: { mean, low, high, images: 30, is_held_out: isHeldOut },
    }) as Metrics;

  it("is said with how sure it is", () => {
    expect(verdictText("better", metrics(0.05, 0.01, 0.09))).toBe(
      "Mean IoU 0.550, before 0.500. The difference is +0.050, with 95 % certainty between +0.010 and +0.090.",
    );
    expect(verdictText("same", metrics(0.05, -0.01, 0.11))).toContain(
      "between −0.010 and +0.110: it may be chance.",
    );
    expect(verdictText("same", metrics(0.05, null, null))).toContain("A single image was measured");
  });

  it("has a caveat where the images measured had a say in what was kept", () => {
    expect(caveatText(metrics(0.05, 0.01, 0.09))).toBe("");
    expect(caveatText(metrics(0.05, 0.01, 0.09, false))).toContain("fewer than 24");
  });

  it("is judged by what is shown of the difference, and no time is", () => {
    const [share, time] = [{ isShare: true }, { isShare: false }];
    expect([judged(share, 0.5, 0.6), judged(share, 0.6, 0.5), judged(share, 0.5, 0.5001)]).toEqual([
      1, -1, 0,
    ]);
    expect([judged(share, 0.4414, 0.4416), judged(time, 2, 1), judged(time, 1, 2)].map(Math.abs)).toEqual([
      0, 0, 0,
    ]);
    expect([signed(0.0432), signed(-0.01), signed(-0.0001)]).toEqual(["+0.043", "−0.010", "±0.000"]);
  });
});

describe("the curves of a training", () => {
  it("are apart, with the best validation after the first step", () => {
    const points: CurvePoint[] = [
      { step: 0, val: 0.9 },
      { step: 5, loss: 2 },
      { step: 10, loss: 1 },
      { step: 10, val: 0.4 },
      { step: 20, val: 0.6 },
      { step: 30, val: 0.5 },
    ];
    const { losses, vals, best, before } = curvesOf(points);
    expect(losses.map(({ step, loss }) => [step, loss])).toEqual([[5, 2], [10, 1]]); // prettier-ignore
    expect(losses[1]!.mean).toBeCloseTo(1.85);
    expect(vals).toHaveLength(4);
    expect([before, best]).toEqual([0.9, { step: 20, val: 0.6 }]);
  });

  it("are empty before anything is known", () => {
    expect(curvesOf([])).toEqual({ losses: [], vals: [], best: null, before: null });
  });
});

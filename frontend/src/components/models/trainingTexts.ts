import type { ModelFigures, TrainingMaterial, TrainingParts, TrainingRun } from "../../api/types";
import { counted, duration } from "../common/formats";

interface PartsChoice {
  readonly value: TrainingParts;
  readonly label: string;
  readonly purpose: string;
}

/** What may learn, and what that is good for. */
export const PARTS: readonly PartsChoice[] = [
  {
    value: "auto",
    label: "What suits the machine",
    purpose:
      "By the memory that is free when it begins: on a CPU the decoder, on a GPU with 8 GB the prompt encoder too, from 16 GB on all of it.",
  },
  {
    value: "decoder",
    label: "Decoder",
    purpose: "The quickest. The embeddings of images stay what they are.",
  },
  {
    value: "decoder_and_prompts",
    label: "Decoder and prompt encoder",
    purpose: "Also how clicks and boxes are understood. The embeddings of images stay what they are.",
  },
  {
    value: "all",
    label: "All of the model",
    purpose: "The slowest, and the most for pictures unlike photographs. Every image gets a new embedding.",
  },
];

export function partsLabel(parts: TrainingRun["parts_chosen"] | TrainingParts): string {
  return PARTS.find(({ value }) => value === parts)?.label ?? "";
}

interface Figure {
  readonly name: Exclude<keyof ModelFigures, "images" | "masks">;
  readonly label: string;
  readonly purpose: string;
  /** Of a share more is better, and it is drawn. */
  readonly isShare: boolean;
}

/** What is measured of both models, the figure that decides first. */
export const FIGURES: readonly Figure[] = [
  {
    name: "mean_miou",
    label: "Mean IoU",
    purpose: "What decides: the mean of a box and of one, three and five clicks",
    isShare: true,
  },
  { name: "box_miou", label: "A box", purpose: "IoU of the mask in a box around the object", isShare: true },
  {
    name: "click1_top_miou",
    label: "1 click",
    purpose: "IoU of the answer the model itself ranks first",
    isShare: true,
  },
  {
    name: "click1_best_miou",
    label: "1 click, best answer",
    purpose: "IoU of the best of its three answers",
    isShare: true,
  },
  { name: "click3_miou", label: "3 clicks", purpose: "IoU after two corrections", isShare: true },
  { name: "click5_miou", label: "5 clicks", purpose: "IoU after four corrections", isShare: true },
  {
    name: "iou_rank_correlation",
    label: "Knows how sure it is",
    purpose: "Rank correlation of the IoU it predicts with the true one",
    isShare: true,
  },
  {
    name: "seconds_per_image",
    label: "Seconds per image",
    purpose: "Embedding and all these masks, on the machine that trained",
    isShare: false,
  },
];

/** "+0.043", "−0.012", "±0.000". */
export function signed(value: number, digits = 3): string {
  const size = Math.abs(value).toFixed(digits);
  if (Number(size) === 0) return `±${size}`;
  return `${value > 0 ? "+" : "−"}${size}`;
}

/** Whether a share became better (1), worse (-1), or neither as far as it is shown. Seconds depend on what else went on. */
export function judged({ isShare }: Pick<Figure, "isShare">, before: number, after: number): -1 | 0 | 1 {
  return isShare ? (Math.sign(Math.round(1e3 * (after - before))) as -1 | 0 | 1) : 0;
}

/** What is missing of accepted masks, and what to do about it; null where there are enough. */
export function tooFewText(material: TrainingMaterial): string | null {
  const train = Math.max(0, material.train_masks_needed - material.train_masks);
  const val = Math.max(0, material.val_masks_needed - material.val_masks);
  if (train === 0 && val === 0) return null;
  const missing = [
    ...(train > 0 ? [`${train} more to train on`] : []),
    ...(val > 0 ? [`${val} more to measure by`] : []),
  ].join(" and ");
  return (
    `There are too few accepted masks: ${missing}. ${imagesMissingText(material, train, val)} ` +
    "Only masks of accepted images count: submit images and accept them in review."
  );
}

/** How many images that may be, by how many masks the accepted ones have. One picture in five is one to measure by. */
function imagesMissingText(
  { train_images, train_masks, val_images, val_masks }: TrainingMaterial,
  train: number,
  val: number,
): string {
  const images = train_images + val_images;
  if (images === 0) return "No image with masks is accepted yet.";
  const perImage = (train_masks + val_masks) / images;
  const wanted = Math.max(train / perImage / 0.8, val / perImage / 0.2);
  return `Accepted images have ${perImage.toFixed(1)} masks on average, so accept about ${counted(Math.ceil(wanted), "image")} more.`;
}

/** "24 masks of 6 images". */
export function materialText(masks: number, images: number): string {
  return `${counted(masks, "mask")} of ${counted(images, "image")}`;
}

export type Verdict = Exclude<TrainingRun["verdict"], "">;

export const VERDICTS: Readonly<Record<Verdict, { readonly label: string; readonly color: string }>> = {
  better: { label: "Better", color: "teal" },
  same: { label: "No clear difference", color: "gray" },
  worse: { label: "Worse", color: "orange" },
};

type Metrics = NonNullable<TrainingRun["metrics"]>;

/** What came of a retraining, in words: how much better or worse, and how sure that is. */
export function verdictText(verdict: Verdict, { parent, child, difference }: Metrics): string {
  const change = `Mean IoU ${child.mean_miou.toFixed(3)}, before ${parent.mean_miou.toFixed(3)}.`;
  const { mean, low, high } = difference;
  if (low === null || high === null) {
    return `${change} A single image was measured: that says nothing. Accept more images and train again.`;
  }
  const digits = high - low < 0.02 ? 4 : 3;
  const [likely, least, most] = [mean, low, high].map((value) => signed(value, digits));
  const sure = `The difference is ${likely}, with 95 % certainty between ${least} and ${most}`;
  if (verdict === "same") {
    return `${change} ${sure}: it may be chance. More accepted images would make that sharper.`;
  }
  return `${change} ${sure}.`;
}

/** What else is to be known of the figures; empty where there is nothing. */
export function caveatText({ difference }: Metrics): string {
  if (difference.is_held_out) return "";
  return "With fewer than 24 images to measure by, the same ones chose which state of the training was kept: the new model looks a little better here than it is.";
}

/** "42 %, about 3 min left". */
export function percentText({
  progress,
  eta_seconds,
}: Pick<TrainingRun, "progress" | "eta_seconds">): string {
  const text = `${progress.done} %`;
  return eta_seconds === null ? text : `${text}, about ${duration(eta_seconds)} left`;
}

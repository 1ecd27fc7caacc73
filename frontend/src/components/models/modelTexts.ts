import type { ModelChange, ModelKey, ModelVersion } from "../../api/types";
import { counted } from "../common/formats";

/** "name@version", as masks and exports say it. */
export function modelName({ name, version }: Pick<ModelKey, "name" | "version">): string {
  return `${name}@${version}`;
}

/** Bytes of a model's files: weights, both graphs of the decoder, and its detector. */
export function modelBytes({
  manifest: { weights, graphs, detector },
}: Pick<ModelVersion, "manifest">): number {
  return weights.bytes + graphs.prepare.bytes + graphs.click.bytes + (detector?.bytes ?? 0);
}

/** "5.3 million", "640 million", "12 thousand". */
export function parametersText(count: number): string {
  if (count < 1e6) return `${Math.round(count / 1e3).toLocaleString("en")} thousand`;
  const millions = count / 1e6;
  return `${millions < 100 ? millions.toFixed(1) : Math.round(millions)} million`;
}

/** A figure of a model's metrics; null where there is none. */
export function metricOf({ metrics }: Pick<ModelVersion, "metrics">, name: string): number | null {
  const value: unknown = metrics[name];
  return typeof value === "number" ? value : null;
}

/** How fast a model was where its artifact was made. */
export interface Speed {
  /** Of one image. */
  readonly encoderSeconds: number;
  readonly clickSeconds: number | null;
  /** What the encoder ran on. */
  readonly device: string;
}

/** Null for artifacts from before this was measured. */
export function speedOf({ manifest: { metrics } }: Pick<ModelVersion, "manifest">): Speed | null {
  const { encoder_seconds, click_seconds, speed_device } = metrics as Readonly<Record<string, unknown>>;
  if (typeof encoder_seconds !== "number") return null;
  return {
    encoderSeconds: encoder_seconds,
    clickSeconds: typeof click_seconds === "number" ? click_seconds : null,
    device: typeof speed_device === "string" ? speed_device : "",
  };
}

/** "0.42 s", "14 ms" */
export function durationText(seconds: number): string {
  if (seconds < 0.1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  return `${seconds.toFixed(seconds < 10 ? 2 : 0)} s`;
}

/** What a model was retrained from, and that from, and so on: the nearest first. */
export function ancestorsOf(model: ModelVersion, models: readonly ModelVersion[]): readonly ModelVersion[] {
  const byId = new Map(models.map((one) => [one.id, one]));
  const found: ModelVersion[] = [];
  let next = model.retrained_from;
  while (next !== null) {
    const parent = byId.get(next);
    if (!parent || found.includes(parent)) break;
    found.push(parent);
    next = parent.retrained_from;
  }
  return found;
}

const REASONS: Readonly<Record<ModelChange["reason"], string>> = {
  chosen: "Chosen by hand",
  promoted: "Promoted: better than the one before",
  promoted_though_worse: "Promoted though not better",
  rolled_back: "Rolled back",
};

export function reasonText(reason: ModelChange["reason"]): string {
  return REASONS[reason];
}

/** What another model of a project means, said before it is done. */
export function changeText(imageCount: number): string {
  if (imageCount === 0) return "Images that are added from now on are embedded with it.";
  return (
    `The embeddings of ${counted(imageCount, "image")} are made anew in the background, images in work first; ` +
    "where they have been made before, or only the decoder is another, that is quick. Until its own is ready each image " +
    "stays with the model it has, and whoever is at work changes over with the next image. Saved masks stay as they are."
  );
}

/** What rolling back means, said before it is done. */
export function rollBackText(imageCount: number): string {
  if (imageCount === 0) return "Images that are added from now on are embedded with it.";
  return (
    "Images that it embedded before go back to it at once, those added since as soon as they are embedded with it. " +
    "Whoever is at work changes over with the next image. Saved masks stay as they are."
  );
}

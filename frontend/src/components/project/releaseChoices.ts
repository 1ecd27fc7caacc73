import type { Job, WorkStatus } from "../../api/types";

/** How a project is released, as the dialog has it. */
export interface ReleaseChoices {
  readonly name: string;
  readonly description: string;
  readonly licence: string;
  /** In pixels; null leaves pictures as they are. */
  readonly shortSide: number | null;
  readonly statuses: readonly WorkStatus[];
  /** The quality check whose figures the card gives. */
  readonly check: number | null;
  readonly hasSeed: boolean;
  readonly seed: number;
}

/** SA-1B's. */
export const SHORT_SIDE = 1500;
export const LEAST_SIDE = 32;

export function firstChoices(project: {
  readonly name: string;
  readonly licence_note: string;
}): ReleaseChoices {
  return {
    name: project.name,
    description: "",
    licence: project.licence_note,
    shortSide: SHORT_SIDE,
    statuses: ["accepted"],
    check: null,
    hasSeed: false,
    seed: 0,
  };
}

/** What is wrong with the choices, for people; empty where nothing is. */
export function releaseProblem({ name, shortSide, statuses }: ReleaseChoices): string {
  if (name.trim() === "") return "A release has a name.";
  if (statuses.length === 0) return "Choose which images.";
  if (shortSide !== null && shortSide < LEAST_SIDE)
    return `The short side has at least ${LEAST_SIDE} pixels.`;
  return "";
}

/** The params of a job of kind `release`. */
export function releaseParams(choices: ReleaseChoices): Record<string, unknown> {
  const { name, description, licence, shortSide, statuses, check, hasSeed, seed } = choices;
  return {
    name: name.trim(),
    description: description.trim(),
    licence: licence.trim(),
    short_side: shortSide,
    statuses,
    ...(check === null ? {} : { check }),
    ...(hasSeed ? { seed } : {}),
  };
}

interface Share {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** What the page shows of a finished release's card. */
export interface ReleaseFigures {
  readonly number: number;
  readonly masks_per_image: {
    readonly mean: number;
    readonly median: number;
    readonly histogram: readonly {
      readonly from: number;
      readonly to: number | null;
      readonly images: number;
    }[];
  };
  readonly stages: readonly { readonly stage: string; readonly masks: number; readonly share: number }[];
  readonly emptied: number;
  readonly scaled_images: number;
  readonly images_not_looked_at: number;
  readonly quality_check: {
    readonly name: string;
    readonly masks: number;
    readonly mean_iou: number;
    readonly above_90: Share;
    readonly above_75: Share;
  } | null;
}

export interface ReleaseCounts {
  readonly images: number;
  readonly masks: number;
  readonly card: ReleaseFigures;
}

/** The figures in a finished job's result; null where it has none. */
export function releaseOf({ result }: Pick<Job, "result">): ReleaseCounts | null {
  const { images, masks, card } = result ?? {};
  return typeof images === "number" && typeof masks === "number" && isCard(card)
    ? { images, masks, card }
    : null;
}

function isCard(value: unknown): value is ReleaseFigures {
  return (
    typeof value === "object" && value !== null && "masks_per_image" in value && "quality_check" in value
  );
}

/** "51–100", "0", "> 200" */
export function rangeText({ from, to }: { readonly from: number; readonly to: number | null }): string {
  if (to === null) return `> ${from - 1}`;
  return from === to ? String(from) : `${from}–${to}`;
}

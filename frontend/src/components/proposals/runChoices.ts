import type { ProposalRun, ProposalRunWrite } from "../../api/proposals";
import type { WorkStatus } from "../../api/types";

export type Preset = ProposalRun["preset"];

/** Thresholds under "More": null is the preset's own. */
export interface Thresholds {
  readonly points_per_side: number | null;
  readonly pred_iou_thresh: number | null;
  readonly stability_score_thresh: number | null;
  readonly box_nms_thresh: number | null;
  readonly min_mask_region_area: number | null;
}

export type Source = ProposalRun["source"];

export interface RunChoices {
  readonly stage: ProposalRun["stage"];
  readonly source: Source;
  readonly preset: Preset;
  readonly thresholds: Thresholds;
  readonly labelId: number | null;
  /** Only images with one of these; empty for all but accepted ones. */
  readonly statuses: readonly WorkStatus[];
  readonly supersede: boolean;
}

export const NO_THRESHOLDS: Thresholds = {
  points_per_side: null,
  pred_iou_thresh: null,
  stability_score_thresh: null,
  box_nms_thresh: null,
  min_mask_region_area: null,
};

export const FIRST_CHOICES: RunChoices = {
  stage: "semi_automatic",
  source: "grid",
  preset: "fitted",
  thresholds: NO_THRESHOLDS,
  labelId: null,
  statuses: [],
  supersede: true,
};

export const SOURCES: Readonly<Record<Source, { readonly name: string; readonly description: string }>> = {
  grid: { name: "A grid of points", description: "Asks everywhere: finds things, their parts, and ground." },
  detector: {
    name: "Boxes of the detector",
    description: "Asks where things like those labelled so far seem to be. Fast.",
  },
  both: { name: "Both", description: "Of two masks of one thing the better one stays." },
};

/** What a form begins with: a model with a detector is asked both ways. */
export function firstChoices(hasDetector: boolean): RunChoices {
  return { ...FIRST_CHOICES, source: hasDetector ? "both" : "grid" };
}

export const PRESETS: Readonly<Record<Preset, { readonly name: string; readonly description: string }>> = {
  fitted: {
    name: "Fitted",
    description: "For small models, whose scores are low throughout. The usual choice.",
  },
  default: {
    name: "Published default",
    description: "The thresholds of Segment Anything. For large models.",
  },
  sa1b: {
    name: "SA-1B",
    description: "Also looks closer, at crops, for small things. Takes many times longer.",
  },
  lvis: { name: "Everything", description: "Keeps every find, good or bad, to be sorted by confidence." },
  bsds: { name: "Every edge", description: "Keeps every find of a coarse grid." },
};

/** What the server is asked for; `id` is the client's, so that asking twice makes one run. `imageIds`: only these; null
 * for all that have one of the statuses. */
export function runBody(
  id: string,
  choices: RunChoices,
  imageIds: readonly number[] | null = null,
): ProposalRunWrite {
  const { stage, source, preset, thresholds, labelId, statuses, supersede } = choices;
  const said = Object.entries(thresholds).filter(([, value]) => value !== null);
  return {
    id,
    stage,
    source,
    preset,
    label: labelId,
    supersede,
    ...(said.length > 0 ? { settings: Object.fromEntries(said) } : {}),
    ...(imageIds ? { image_ids: [...imageIds] } : statuses.length > 0 ? { statuses: [...statuses] } : {}),
  };
}

import type { ProjectDetail } from "../../api/types";

/** By which people label; together these are the first stage's rules of the data engine (Segment Anything, section 4). */
export type StageRules = Pick<ProjectDetail, "is_class_free" | "mask_seconds_hint" | "order_hint">;

export const NO_RULES: StageRules = { is_class_free: false, mask_seconds_hint: null, order_hint: "none" };
export const PAPERS_RULES: StageRules = {
  is_class_free: true,
  mask_seconds_hint: 30,
  order_hint: "prominence",
};

/** In which order people are asked to label; null where any will do. */
export function orderText({ order_hint: order }: Pick<StageRules, "order_hint">): string | null {
  return order === "prominence" ? "Label the most prominent things first." : null;
}

/** What holds, each in a few words; none where everything is as usual. */
export function rulesTexts(rules: StageRules): readonly string[] {
  return [
    ...(rules.is_class_free ? ["no labels"] : []),
    ...(rules.mask_seconds_hint === null ? [] : [`a hint after ${rules.mask_seconds_hint} s at one mask`]),
    ...(rules.order_hint === "prominence" ? ["the most prominent things first"] : []),
  ];
}

import type { FairnessGroup, FairnessGroups, Interval } from "../../api/fairness";
import type { Label } from "../../api/types";

/** One group with its figures after one click and after three. */
export interface GroupRow {
  readonly key: string;
  readonly name: string;
  readonly masks: number;
  readonly images: number;
  readonly isSmall: boolean;
  readonly one: FairnessGroup;
  readonly three: FairnessGroup;
}

/** The groups of two answers about the same report, which name the same ones in the same order. */
export function groupRows(one: FairnessGroups, three: FairnessGroups): GroupRow[] {
  const later = new Map(three.groups.map((group) => [group.key, group]));
  return one.groups.flatMap((group) => {
    const other = later.get(group.key);
    if (!other) return [];
    const { key, name, masks, images, is_small: isSmall } = group;
    return [{ key, name, masks, images, isSmall, one: group, three: other }];
  });
}

/** "54.4 ± 1.7", in percent as the paper has it; without the interval where a single image was measured. */
export function intervalText({ mean, high }: Interval): string {
  const middle = (100 * mean).toFixed(1);
  return high === null ? middle : `${middle} ± ${(100 * (high - mean)).toFixed(1)}`;
}

/** The same with a sign, for differences: "+3.1 ± 1.2". */
export function differenceText(difference: Interval | null): string {
  if (!difference) return "–";
  const text = intervalText(difference);
  return difference.mean >= 0 ? `+${text}` : text.replace("-", "−");
}

/** From where to where the axis goes, as shares of IoU in steps of a tenth: wide enough for every end of an interval. */
export function axisOf(rows: readonly GroupRow[]): { readonly from: number; readonly to: number } {
  const ends = rows.flatMap(({ one, three }) =>
    [one.miou, three.miou].flatMap(({ low, mean, high }) => [low ?? mean, high ?? mean]),
  );
  if (ends.length === 0) return { from: 0, to: 1 };
  const from = Math.max(0, Math.floor(10 * Math.min(...ends)) / 10);
  const to = Math.min(1, Math.ceil(10 * Math.max(...ends)) / 10);
  return from < to ? { from, to } : { from: Math.max(0, from - 0.1), to: Math.min(1, from + 0.1) };
}

/** What groups can be made by, as the API names it and as people do. */
export interface Grouping {
  readonly by: string;
  readonly name: string;
}

export function groupingsOf(labels: readonly Label[]): Grouping[] {
  const attributes = labels.flatMap((label) =>
    label.attributes
      .filter(({ kind }) => kind === "select" || kind === "checkbox")
      .map(({ id, name }) => ({ by: `attribute:${id}`, name: `${label.name}: ${name}` })),
  );
  return [{ by: "tag", name: "Image tag" }, { by: "label", name: "Label" }, ...attributes];
}

/** How many pairs were looked at, so that nobody takes one in many for a discovery. */
export function pairsText(one: FairnessGroups, three: FairnessGroups): string {
  const pairs = one.pairs + three.pairs;
  if (pairs === 0) return "No two groups are large enough to be compared: 30 masks on 5 images are needed.";
  const differing = one.differing + three.differing;
  const compared = pairs === 1 ? "Two groups were compared once" : `Two groups were compared ${pairs} times`;
  return `${compared}; in ${differing} of these their intervals do not overlap. By chance alone up to one in twenty may.`;
}

import type { ConsensusDrawer, ConsensusGroup, ConsensusImageDetail, Resolve } from "../../api/types";
import { PALETTE } from "../../canvas/palette";

/** What is to become of an image: everybody's common masks, or one person's; and which objects of them. */
export interface Choice {
  /** The annotator whose masks are picked, null to merge. */
  readonly annotator: number | null;
  /** Masks of the picked annotator, or keys of groups. */
  readonly objects: ReadonlySet<string>;
}

/** Far apart on the palette, also for who tells few colours apart. */
const DRAWERS = [1, 0, 6, 2, 3, 5, 8, 10];

/** The colour of the annotator at this place in the list. */
export function drawerColor(place: number): string {
  return PALETTE[DRAWERS[place % DRAWERS.length]!]!;
}

/** Everybody's masks in common: each object that at least half of them drew. */
export function mergeChoice(image: ConsensusImageDetail): Choice {
  const kept = image.groups.filter(({ is_kept, segmentation }) => is_kept && segmentation !== null);
  return { annotator: null, objects: new Set(kept.map(({ key }) => key)) };
}

/** All of one person's masks. */
export function pickChoice({ annotator, masks }: ConsensusDrawer): Choice {
  return { annotator: annotator.id, objects: new Set(masks.map(({ id }) => id)) };
}

export function withToggled(choice: Choice, object: string): Choice {
  const objects = new Set(choice.objects);
  if (!objects.delete(object)) objects.add(object);
  return { ...choice, objects };
}

/** The request that applies it. */
export function resolveOf(choice: Choice, accept: boolean): Resolve {
  const objects = [...choice.objects];
  return choice.annotator === null
    ? { way: "merge", objects, accept }
    : { way: "pick", annotator: choice.annotator, objects, accept };
}

/** Whether somebody has submitted and so can be picked. */
export function isPickable(drawer: ConsensusDrawer): boolean {
  return drawer.status === "submitted";
}

/** By mask: the group it is in. */
export function groupsByMask(groups: readonly ConsensusGroup[]): ReadonlyMap<string, ConsensusGroup> {
  return new Map(groups.flatMap((group) => group.masks.map((mask) => [mask, group] as const)));
}

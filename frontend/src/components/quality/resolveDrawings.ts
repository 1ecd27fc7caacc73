import type { ConsensusImageDetail } from "../../api/types";
import { rgbOf } from "../../canvas/colors";
import type { MaskDrawing, MaskStyle } from "../../canvas/paint";
import { indexMask, type IndexedMask } from "../../masks/columns";
import { fromCoco } from "../../masks/rleString";
import { drawerColor, groupsByMask, type Choice } from "./resolution";

/** The masks of an image made ready for drawing, by their ids; of groups by "merged" and their keys. */
export type Shapes = ReadonlyMap<string, IndexedMask>;

type Segmentation = Parameters<typeof fromCoco>[0];

export function shapesOf({ drawers, groups }: ConsensusImageDetail): Shapes {
  const shapes = new Map<string, IndexedMask>();
  const add = (name: string, segmentation: unknown) =>
    shapes.set(name, indexMask(fromCoco(segmentation as Segmentation)));
  for (const { masks } of drawers) for (const { id, segmentation } of masks) add(id, segmentation);
  for (const { key, segmentation } of groups) if (segmentation) add(`merged ${key}`, segmentation);
  return shapes;
}

const WHITE = rgbOf("#ffffff");
/** Fill and outline from 0 to 255, and thickness in device pixels. */
const STRONG = { fill: 40, outline: 255, thickness: 3 };
const FAINT = { fill: 1, outline: 130, thickness: 1 };
const PLAIN = { fill: 24, outline: 255, thickness: 2 };

/**
 * Everybody's outlines in their colours. Where one person is picked theirs stand out; where masks are merged what comes of
 * it is filled white beneath. The object that is pointed at stands out among all.
 */
export function drawingsOf(
  image: ConsensusImageDetail,
  shapes: Shapes,
  choice: Choice | null,
  hidden: ReadonlySet<number>,
  pointed: string | null,
): MaskDrawing[] {
  const drawings: MaskDrawing[] = [];
  const draw = (name: string, style: MaskStyle) => {
    const mask = shapes.get(name);
    if (mask) drawings.push({ mask, style });
  };
  const groupOf = groupsByMask(image.groups);
  if (choice?.annotator === null) {
    for (const { key } of image.groups) {
      if (choice.objects.has(key))
        draw(`merged ${key}`, { color: WHITE, fill: 80, outline: 120, thickness: 1 });
    }
  }
  image.drawers.forEach(({ annotator, masks }, place) => {
    if (hidden.has(annotator.id)) return;
    const color = rgbOf(drawerColor(place));
    for (const { id } of masks) {
      const isPointed = pointed === id || (pointed !== null && groupOf.get(id)?.key === pointed);
      const isOthers = choice !== null && choice.annotator !== null && !choice.objects.has(id);
      const look = isPointed ? STRONG : isOthers ? FAINT : PLAIN;
      const thickness = Math.round(look.thickness * window.devicePixelRatio);
      draw(id, { color, ...look, thickness });
    }
  });
  return drawings;
}

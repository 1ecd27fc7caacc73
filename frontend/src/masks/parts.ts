import { invertMask, unionMasks } from "./combine";
import type { Rle } from "./rle";
import { columnStretches, StretchWriter, type ColumnStretches } from "./stretches";

// Parts of a mask touch along edges or at corners (8-connected); holes are the background's parts, which touch
// along edges only (4-connected), so that a diagonal line closes what it surrounds.

/** Fills every hole: background that cannot reach the image's border. */
export function fillHoles(mask: Rle): Rle {
  const stretches = columnStretches(invertMask(mask));
  const { partOf, parts } = connect(stretches, 0);
  return unionMasks(
    mask,
    select(stretches, (index) => !parts[partOf[index]!]!.touchesBorder),
  );
}

/** Drops the parts of fewer than `area` pixels. */
export function dropSpecks(mask: Rle, area: number): Rle {
  const stretches = columnStretches(mask);
  const { partOf, parts } = connect(stretches, 1);
  return select(stretches, (index) => parts[partOf[index]!]!.area >= area);
}

/** The part with the most pixels, of equals the leftmost; an empty mask stays empty. */
export function keepLargest(mask: Rle): Rle {
  return splitParts(mask)[0] ?? mask;
}

export function countParts(mask: Rle): number {
  return connect(columnStretches(mask), 1).parts.length;
}

/** Every part as a mask of its own, the largest first, of equals the leftmost first. */
export function splitParts(mask: Rle): Rle[] {
  const stretches = columnStretches(mask);
  const { partOf, parts } = connect(stretches, 1);
  const writers = parts.map(() => new StretchWriter(mask.size));
  forEachStretchIndex(stretches, (index, column) =>
    writers[partOf[index]!]!.add(column, stretches.from[index]!, stretches.to[index]!),
  );
  return parts
    .map((part, index) => ({ area: part.area, index }))
    .sort((a, b) => b.area - a.area || a.index - b.index)
    .map(({ index }) => writers[index]!.finish());
}

interface Part {
  area: number;
  touchesBorder: boolean;
}

/** Numbers the connected parts in the order of their first stretch; `reach` 1 joins diagonal neighbours too. */
function connect(stretches: ColumnStretches, reach: 0 | 1): { partOf: Int32Array; parts: Part[] } {
  const { from, to, columnStart, size } = stretches;
  const parent = Int32Array.from(from, (_, index) => index);
  const root = (index: number) => {
    while (parent[index] !== index) index = parent[index] = parent[parent[index]!]!;
    return index;
  };
  for (let x = 1; x < size.width; x++) {
    let left = columnStart[x - 1]!;
    let right = columnStart[x]!;
    const [leftEnd, rightEnd] = [right, columnStart[x + 1]!];
    while (left < leftEnd && right < rightEnd) {
      if (from[left]! < to[right]! + reach && from[right]! < to[left]! + reach) {
        const [a, b] = [root(left), root(right)];
        parent[Math.max(a, b)] = Math.min(a, b);
      }
      if (to[left]! < to[right]!) left++;
      else right++;
    }
  }
  const parts: Part[] = [];
  const partOf = new Int32Array(from.length);
  forEachStretchIndex(stretches, (index, column) => {
    const first = root(index);
    if (first === index) partOf[index] = parts.push({ area: 0, touchesBorder: false }) - 1;
    else partOf[index] = partOf[first]!;
    const part = parts[partOf[index]]!;
    part.area += to[index]! - from[index]!;
    part.touchesBorder ||=
      column === 0 || column === size.width - 1 || from[index] === 0 || to[index] === size.height;
  });
  return { partOf, parts };
}

function select(stretches: ColumnStretches, keeps: (index: number) => boolean): Rle {
  const writer = new StretchWriter(stretches.size);
  forEachStretchIndex(stretches, (index, column) => {
    if (keeps(index)) writer.add(column, stretches.from[index]!, stretches.to[index]!);
  });
  return writer.finish();
}

function forEachStretchIndex(
  { size, columnStart }: ColumnStretches,
  visit: (index: number, column: number) => void,
): void {
  for (let x = 0; x < size.width; x++) {
    for (let index = columnStart[x]!; index < columnStart[x + 1]!; index++) visit(index, x);
  }
}

import { rleBbox, type Rle } from "./rle";
import { columnStretches, StretchWriter, type ColumnStretches } from "./stretches";

/**
 * Rounds off what is thinner than about `radius` pixels: every pixel becomes what most pixels of the square of side
 * 2 * radius + 1 around it are, within the image; where they are even it stays. Looks only at rows within `radius` of
 * where a run begins or ends in one of the square's columns, as in between nothing changes: the cost is the outline's.
 */
export function smoothMask(mask: Rle, radius: number): Rle {
  const { height, width } = mask.size;
  const box = rleBbox(mask);
  if (!box) return mask;
  const writer = new StretchWriter(mask.size);
  const stretches = columnStretches(mask);
  const [left, right] = [Math.max(0, box.x - radius), Math.min(width, box.x + box.width + radius)];
  // How many of the square's columns enter the mask at a row, less those that leave it.
  const steps = new Int32Array(height + 1);
  // Per row, how many of their pixels lie above it; only where it was filled for the zone looked at.
  const above = new Float64Array(height + 1);
  for (let x = left - radius; x < left + radius; x++) addColumn(stretches, x, 1, steps);
  for (let x = left; x < right; x++) {
    addColumn(stretches, x + radius, 1, steps);
    addColumn(stretches, x - radius - 1, -1, steps);
    const [first, last] = [Math.max(0, x - radius), Math.min(width, x + radius + 1)];
    const contains = descent(stretches, x);
    const columns = last - first;
    let count = 0;
    let y = 0;
    for (const [from, to] of zones(changes(stretches, first, last), radius, height)) {
      if (y < from && isMajority(count, columns, contains, y)) writer.add(x, y, from);
      const [begin, end] = [Math.max(0, from - radius), Math.min(height, to + radius)];
      above[begin] = 0;
      for (let row = begin; row < end; row++) {
        count += steps[row]!;
        above[row + 1] = above[row]! + count;
      }
      for (y = from; y < to; y++) {
        const [top, bottom] = [Math.max(0, y - radius), Math.min(height, y + radius + 1)];
        const sum = above[bottom]! - above[top]!;
        if (isMajority(sum, columns * (bottom - top), contains, y)) writer.add(x, y, y + 1);
      }
    }
    if (y < height && isMajority(count, columns, contains, y)) writer.add(x, y, height);
  }
  return writer.finish();
}

function isMajority(inside: number, all: number, contains: (row: number) => boolean, row: number): boolean {
  return 2 * inside > all || (2 * inside === all && contains(row));
}

/** Tells of rows of a column, asked for downwards, whether they are in the mask. */
function descent({ columnStart, from, to }: ColumnStretches, column: number): (row: number) => boolean {
  let index = columnStart[column]!;
  const end = columnStart[column + 1]!;
  return (row) => {
    while (index < end && to[index]! <= row) index++;
    return index < end && from[index]! <= row;
  };
}

/** The rows where a run begins or ends in one of the columns, downwards. */
function changes({ columnStart, from, to }: ColumnStretches, first: number, last: number): number[] {
  const rows: number[] = [];
  for (let index = columnStart[first]!; index < columnStart[last]!; index++)
    rows.push(from[index]!, to[index]!);
  return rows.sort((a, b) => a - b);
}

/** The stretches of rows within `radius` of a change, those that touch joined. */
function* zones(rows: readonly number[], radius: number, height: number): Generator<[number, number]> {
  let index = 0;
  while (index < rows.length) {
    const from = rows[index]! - radius;
    let to = rows[index]! + radius;
    while (index < rows.length && rows[index]! - radius <= to) to = rows[index++]! + radius;
    yield [Math.max(0, from), Math.min(height, to)];
  }
}

function addColumn(stretches: ColumnStretches, column: number, by: 1 | -1, steps: Int32Array): void {
  if (column < 0 || column >= stretches.size.width) return;
  for (let index = stretches.columnStart[column]!; index < stretches.columnStart[column + 1]!; index++) {
    steps[stretches.from[index]!]! += by;
    steps[stretches.to[index]!]! -= by;
  }
}

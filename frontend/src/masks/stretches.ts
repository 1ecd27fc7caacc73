import type { Size } from "../geometry/size";
import { RunWriter, type Rle } from "./rle";

/** A mask column by column: column x holds the stretches with index columnStart[x] up to columnStart[x + 1]. */
export interface ColumnStretches {
  readonly size: Size;
  readonly columnStart: Uint32Array;
  /** First row of every stretch. */
  readonly from: Uint32Array;
  /** Row after the last. */
  readonly to: Uint32Array;
}

/** The runs of a mask cut where columns end, so that no stretch crosses a column. */
export function columnStretches(mask: Rle): ColumnStretches {
  const { height, width } = mask.size;
  const columnStart = new Uint32Array(width + 1);
  const [from, to]: [number[], number[]] = [[], []];
  let position = 0;
  let columnsBegun = 0;
  for (let index = 0; index < mask.counts.length; index++) {
    const end = position + mask.counts[index]!;
    if (index % 2 === 1) {
      while (position < end) {
        const column = Math.floor(position / height);
        while (columnsBegun <= column) columnStart[columnsBegun++] = from.length;
        const columnEnd = Math.min(end, (column + 1) * height);
        from.push(position - column * height);
        to.push(columnEnd - column * height);
        position = columnEnd;
      }
    }
    position = end;
  }
  while (columnsBegun <= width) columnStart[columnsBegun++] = from.length;
  return { size: mask.size, columnStart, from: Uint32Array.from(from), to: Uint32Array.from(to) };
}

/** Collects stretches of mask pixels, column after column and downwards in each; they may touch or overlap. */
export class StretchWriter {
  private readonly writer = new RunWriter();
  private position = 0;

  constructor(private readonly size: Size) {}

  /** Rows `from` up to `to` of a column, clipped to the image; an empty stretch writes nothing. */
  add(column: number, from: number, to: number): void {
    const { height } = this.size;
    const start = Math.max(this.position, column * height + Math.max(0, from));
    const end = column * height + Math.min(height, to);
    if (end <= start) return;
    this.writer.push(0, start - this.position);
    this.writer.push(1, end - start);
    this.position = end;
  }

  finish(): Rle {
    this.writer.push(0, this.size.height * this.size.width - this.position);
    return this.writer.finish(this.size);
  }
}

/** A size in pixels, always named: two loose numbers get swapped sooner or later. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

export function sizesEqual(a: Size, b: Size): boolean {
  return a.height === b.height && a.width === b.width;
}

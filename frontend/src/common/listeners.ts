/** Who is told that something changed; they look for themselves at what. */
export class Listeners {
  private readonly all = new Set<() => void>();

  /** Returns what ends it. May be handed on as it is: it needs no `this`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.all.add(listener);
    return () => this.all.delete(listener);
  };

  tell(): void {
    for (const listener of this.all) listener();
  }
}

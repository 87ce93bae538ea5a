/** Gives each route a label of its own: classes of the same name must not share buckets, not even when their modules are named alike too. */
export class RouteLabels {
  private readonly given = new Map<string, number>();

  /** The label itself the first time, then with a number. */
  unique(label: string): string {
    const times = (this.given.get(label) ?? 0) + 1;
    this.given.set(label, times);
    return times === 1 ? label : this.unique(`${label}#${times}`);
  }
}

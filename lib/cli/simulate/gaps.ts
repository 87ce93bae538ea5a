/** What could not be decided as it is at run time, and for how many requests. */
export class Gaps {
  readonly counts = new Map<string, number>();

  note(gap: string): void {
    this.counts.set(gap, (this.counts.get(gap) ?? 0) + 1);
  }
}

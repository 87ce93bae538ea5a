/** Counts answers by status; `200 ×53, 429 ×187` as text. */
export class Tally {
  private readonly counts = new Map<number, number>();

  constructor(statuses: readonly number[] = []) {
    for (const status of statuses) this.add(status);
  }

  add(status: number): void {
    this.counts.set(status, (this.counts.get(status) ?? 0) + 1);
  }

  toString(): string {
    return [...this.counts]
      .toSorted(([a], [b]) => a - b)
      .map(([status, count]) => `${nameOf(status)} ×${count}`)
      .join(', ');
  }
}

function nameOf(status: number): string {
  return status === 0 ? 'no answer' : String(status);
}

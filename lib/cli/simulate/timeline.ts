/** What happened in one stretch of time. */
export interface Stretch {
  admitted: number;
  refused: number;
}

const MOST_STRETCHES = 240;

/** Counts over time in at most 240 stretches, which double in length as time goes on. */
export class Timeline {
  stretchMs = 1000;
  startMs: number | undefined;
  stretches: Stretch[] = [];

  add(atMs: number, isRefused: boolean): void {
    this.startMs ??= Math.floor(atMs / 1000) * 1000;
    let index = this.indexOf(atMs, this.startMs);
    while (index >= MOST_STRETCHES) {
      this.double();
      index = this.indexOf(atMs, this.startMs);
    }
    while (this.stretches.length <= index)
      this.stretches.push({ admitted: 0, refused: 0 });
    if (isRefused) this.stretches[index].refused++;
    else this.stretches[index].admitted++;
  }

  private indexOf(atMs: number, startMs: number): number {
    return Math.max(0, Math.floor((atMs - startMs) / this.stretchMs));
  }

  private double(): void {
    const halves = this.stretches;
    this.stretchMs *= 2;
    this.stretches = [];
    for (let i = 0; i < halves.length; i += 2) {
      const { admitted, refused } = halves[i];
      this.stretches.push({
        admitted: admitted + (halves[i + 1]?.admitted ?? 0),
        refused: refused + (halves[i + 1]?.refused ?? 0),
      });
    }
  }
}

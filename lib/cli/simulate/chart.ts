/** What happened in one stretch of time. */
interface Stretch {
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

const WIDTH = 900;
const HEIGHT = 260;
const LEFT = 60;
const BOTTOM = 40;
const TOP = 30;

/** The admitted and the refused over time, as an SVG image. */
export function chart({ stretches, stretchMs, startMs = 0 }: Timeline): string {
  const highest = Math.max(1, ...stretches.map((s) => s.admitted + s.refused));
  const step = (WIDTH - LEFT) / Math.max(1, stretches.length);
  const scale = (HEIGHT - TOP - BOTTOM) / highest;
  const bar = (i: number, from: number, count: number, kind: string) =>
    count === 0
      ? []
      : [
          `<rect class="${kind}" x="${round(LEFT + i * step)}" y="${round(HEIGHT - BOTTOM - (from + count) * scale)}" width="${round(step)}" height="${round(count * scale)}"/>`,
        ];
  const perSecond = round(highest / (stretchMs / 1000));
  const endMs = startMs + stretches.length * stretchMs;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    '<style>.admitted{fill:#3b7ddd}.refused{fill:#d64545}</style>',
    `<text x="${LEFT}" y="18">requests a second: <tspan class="admitted">admitted</tspan>, <tspan class="refused">refused</tspan></text>`,
    `<text x="${LEFT - 6}" y="${TOP + 10}" text-anchor="end">${perSecond}</text>`,
    `<text x="${LEFT - 6}" y="${HEIGHT - BOTTOM}" text-anchor="end">0</text>`,
    ...stretches.flatMap(({ admitted, refused }, i) => [
      ...bar(i, 0, admitted, 'admitted'),
      ...bar(i, admitted, refused, 'refused'),
    ]),
    `<text x="${LEFT}" y="${HEIGHT - 16}">${timeText(startMs)}</text>`,
    `<text x="${WIDTH}" y="${HEIGHT - 16}" text-anchor="end">${timeText(endMs)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/** A date for what was recorded, a length for what was made. */
export function timeText(ms: number): string {
  const YEAR_MS = 365 * 86_400_000;
  return ms > YEAR_MS && ms < 8.64e15
    ? new Date(ms).toISOString().replace('.000Z', 'Z')
    : `${round(ms / 1000)}s`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

import { figure } from './figures.mjs';

const WIDTH = 760;
const LABEL_WIDTH = 260;
const FIGURE_WIDTH = 110;
const BAR_HEIGHT = 22;
const GAP = 10;
const TOP = 44;
const PLOT_WIDTH = WIDTH - LABEL_WIDTH - FIGURE_WIDTH;

const escaped = (text) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;');

/** A scale of powers of ten where the longest bar would leave nothing of the shortest. */
function scaleFor(lines) {
  const largest = Math.max(...lines.map(({ high }) => high));
  const smallest = Math.min(...lines.map(({ low }) => low));
  if (largest / smallest < 50) {
    return { x: (value) => (value / largest) * PLOT_WIDTH, logarithmic: false };
  }
  const from = Math.log10(smallest) - 0.5;
  const width = Math.log10(largest) - from;
  const x = (value) => ((Math.log10(value) - from) / width) * PLOT_WIDTH;
  return { x, logarithmic: true };
}

function bar({ name, median, low, high }, at, x, unit) {
  const y = TOP + at * (BAR_HEIGHT + GAP);
  const middle = y + BAR_HEIGHT / 2;
  const right = LABEL_WIDTH + x(median);
  const colour = name.startsWith('floodgate') ? '#0f766e' : '#94a3b8';
  const ends = [LABEL_WIDTH + x(low), LABEL_WIDTH + x(high)];
  return [
    `<text x="${LABEL_WIDTH - 8}" y="${middle + 4}" text-anchor="end">${escaped(name)}</text>`,
    `<rect x="${LABEL_WIDTH}" y="${y}" width="${(right - LABEL_WIDTH).toFixed(1)}" height="${BAR_HEIGHT}" rx="2" fill="${colour}"/>`,
    `<path d="M${ends[0].toFixed(1)} ${middle}H${ends[1].toFixed(1)}" stroke="#1e293b" stroke-width="2"/>`,
    `<text x="${(Math.max(right, ends[1]) + 8).toFixed(1)}" y="${middle + 4}">${figure(median)} ${escaped(unit)}</text>`,
  ].join('\n');
}

/** Bars of the medians as SVG, with a line from quartile to quartile. */
export function barChart({ title, unit, lowerIsBetter, lines }) {
  const { x, logarithmic } = scaleFor(lines);
  const height = TOP + lines.length * (BAR_HEIGHT + GAP) + 8;
  const better = lowerIsBetter ? 'shorter is better' : 'longer is better';
  const scale = logarithmic ? ', logarithmic' : '';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="#0f172a">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="8" y="20" font-size="15" font-weight="600">${escaped(title)}</text>`,
    `<text x="${WIDTH - 8}" y="20" text-anchor="end" fill="#475569">${escaped(unit)}, ${better}${scale}</text>`,
    ...lines.map((line, at) => bar(line, at, x, unit)),
    '</svg>',
    '',
  ].join('\n');
}

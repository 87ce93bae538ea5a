import { figure } from './figures.mjs';

const LEAST_LABEL_WIDTH = 260;
const PLOT_WIDTH = 390;
const MARGIN = 8;
const FONT_SIZE = 13;
const TITLE_SIZE = 15;
/** A character of a sans-serif font is so wide on average, as a share of its size; digits are widest. */
const CHARACTER = 0.58;
const BAR_HEIGHT = 22;
const GAP = 10;
const TOP = 44;

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

const figureOf = ({ median }, unit) => `${figure(median)} ${unit}`;

const widthOf = (text, size) => Math.ceil(text.length * size * CHARACTER);

/** Where bars begin: right of the longest name. */
function startOf(lines) {
  const names = lines.map(({ name }) => widthOf(name, FONT_SIZE));
  return Math.max(LEAST_LABEL_WIDTH, Math.max(...names) + 2 * MARGIN);
}

/** Wide enough for the longest figure behind the longest bar, and for both headings side by side. */
function widthFor(lines, unit, title, scale) {
  const figures = lines.map((line) => widthOf(figureOf(line, unit), FONT_SIZE));
  const headings = widthOf(title, TITLE_SIZE) + widthOf(scale, FONT_SIZE);
  return Math.max(
    startOf(lines) + PLOT_WIDTH + Math.max(...figures) + 2 * MARGIN,
    headings + 4 * MARGIN,
  );
}

function bar(line, at, { start, x, unit }) {
  const { name, median, low, high } = line;
  const y = TOP + at * (BAR_HEIGHT + GAP);
  const middle = y + BAR_HEIGHT / 2;
  const right = start + x(median);
  const colour = name.startsWith('floodgate') ? '#0f766e' : '#94a3b8';
  const ends = [start + x(low), start + x(high)];
  return [
    `<text x="${start - MARGIN}" y="${middle + 4}" text-anchor="end">${escaped(name)}</text>`,
    `<rect x="${start}" y="${y}" width="${(right - start).toFixed(1)}" height="${BAR_HEIGHT}" rx="2" fill="${colour}"/>`,
    `<path d="M${ends[0].toFixed(1)} ${middle}H${ends[1].toFixed(1)}" stroke="#1e293b" stroke-width="2"/>`,
    `<text x="${(Math.max(right, ends[1]) + MARGIN).toFixed(1)}" y="${middle + 4}">${escaped(figureOf(line, unit))}</text>`,
  ].join('\n');
}

/** Bars of the medians as SVG, with a line from quartile to quartile. */
export function barChart({ title, unit, lowerIsBetter, lines }) {
  const { x, logarithmic } = scaleFor(lines);
  const height = TOP + lines.length * (BAR_HEIGHT + GAP) + 8;
  const better = lowerIsBetter ? 'shorter is better' : 'longer is better';
  const scale = `${unit}, ${better}${logarithmic ? ', logarithmic' : ''}`;
  const width = widthFor(lines, unit, title, scale);
  const start = startOf(lines);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="${FONT_SIZE}" fill="#0f172a">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="${MARGIN}" y="20" font-size="${TITLE_SIZE}" font-weight="600">${escaped(title)}</text>`,
    `<text x="${width - MARGIN}" y="20" text-anchor="end" fill="#475569">${escaped(scale)}</text>`,
    ...lines.map((line, at) => bar(line, at, { start, x, unit })),
    '</svg>',
    '',
  ].join('\n');
}

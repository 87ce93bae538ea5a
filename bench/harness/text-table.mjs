import { figure, percent } from './figures.mjs';

/** The cells of one comparison, its head first. */
export function cellsOf({ unit, against, lines }) {
  const more = Object.keys(lines[0].columns);
  const head = [
    '',
    unit,
    'spread',
    ...(against ? [`against ${against}`] : []),
    ...more,
  ];
  const body = lines.map((line) => [
    line.name,
    figure(line.median),
    percent(line.spread),
    ...(against ? [`${figure(line.ratio?.median)} ×`] : []),
    ...more.map((column) => figure(line.columns[column])),
  ]);
  return [head, ...body];
}

/** The cells of the targets. */
export function cellsOfRows(rows) {
  const head = [
    'id',
    'value',
    'spread',
    'quartiles',
    'by processor time',
    'target',
    'met',
  ];
  const body = rows.map((row) => [
    row.id,
    row.value === null ? row.note : `${figure(row.value)} ${row.unit}`,
    row.spread === null ? '–' : percent(row.spread),
    row.range ? row.range.map(figure).join(' … ') : '–',
    row.byProcessorTime ? `${figure(row.byProcessorTime)} ${row.unit}` : '–',
    row.target,
    row.met ? 'yes' : 'no',
  ]);
  return [head, ...body];
}

/** Lays out rows of cells in columns; figures to the right. */
export function textTable(rows) {
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map((row) => row[column].length)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
      )
      .join('  '),
  );
  return lines.join('\n');
}

/** Enough to see what is wrong; the rest would bury it. */
const MOST_DISAGREEMENTS = 3;
const MOST_EVENTS = 30;
const MOST_CHARACTERS = 400;

/**
 * What became of one file, in a line, and what disagreed below it.
 *
 * @param {import('./replay-folder.mjs').ReplayedFile} file
 * @returns {string}
 */
export function describeFile({ name, status, reason, tally }) {
  if (tally === undefined) return `${name}: ${status} (${reason})`;
  const { traces, steps, stepName, notes, disagreements } = tally;
  const counts = [
    ...(traces.total > 0 ? [`${share(traces)} traces`] : []),
    `${share(steps)} ${stepName}`,
  ];
  const shown = disagreements.slice(0, MOST_DISAGREEMENTS).map(describe);
  const hidden = disagreements.length - shown.length;
  return [
    [`${name}: ${counts.join(', ')} agreed`, ...notes].join('; '),
    ...shown,
    ...(hidden > 0 ? [`  … and ${hidden} more`] : []),
  ].join('\n');
}

/**
 * The run in a line.
 *
 * @param {import('./replay-folder.mjs').ReplayedFile[]} files
 * @returns {string}
 */
export function describeRun(files) {
  const count = (status) => files.filter((f) => f.status === status).length;
  const replayed = count('agreed') + count('disagreed');
  const parts = [
    `${count('agreed')} of ${replayed} files agreed`,
    ...['failed', 'not replayed']
      .filter((status) => count(status) > 0)
      .map((status) => `${count(status)} ${status}`),
  ];
  return parts.join(', ');
}

function describe({ title, config, events, expected, got }) {
  const shown = events.slice(-MOST_EVENTS);
  const earlier = events.length - shown.length;
  return [
    `  ${title} disagrees`,
    `    config ${bounded(config)}`,
    ...(earlier > 0 ? [`    … ${earlier} earlier events`] : []),
    ...shown.map((event) => `    event ${bounded(event)}`),
    `    expected ${cut(expected)}`,
    `    got      ${cut(got)}`,
  ].join('\n');
}

function share({ agreed, total }) {
  return `${agreed} of ${total}`;
}

function bounded(value) {
  return cut(JSON.stringify(value));
}

function cut(text) {
  return text.length > MOST_CHARACTERS
    ? `${text.slice(0, MOST_CHARACTERS)}…`
    : text;
}

import { styleText } from 'node:util';
import type { Answer, Evidence, PhaseTimes } from './evidence.js';
import { phases } from './phases.js';
import type { Verdict } from './promises/verdict.js';
import { table } from './table.js';

/** What happened, phase by phase: answers by status, what reached the backends, the breaker of prices. */
export function reportOf(evidence: Evidence): string {
  const statuses = statusesOf(evidence.answers);
  const header = [
    'phase',
    'callers',
    ...statuses.map((status) => (status === 0 ? 'none' : String(status))),
    'no price',
    '→ catalog',
    '→ prices',
    'breaker of prices',
  ];
  const rows = evidence.phases.flatMap((times) =>
    rowsOf(times, evidence, statuses),
  );
  return table(header, rows);
}

function statusesOf(answers: Answer[]): number[] {
  const statuses = new Set(answers.map(({ status }) => status));
  return [...statuses].toSorted((a, b) => a - b);
}

/** One row for each kind of caller; what concerns the phase as a whole stands in the first. */
function rowsOf(
  times: PhaseTimes,
  evidence: Evidence,
  statuses: number[],
): string[][] {
  const phase = phases.find(({ name }) => name === times.name)!;
  return phase.crowds.map(({ group, customers }, index) => {
    const answers = evidence.answers.filter(
      (one) => one.phase === times.name && one.group === group,
    );
    return [
      index === 0 ? phase.title : '',
      `${group} (${customers.length})`,
      ...statuses.map((status) =>
        count(answers, (one) => one.status === status),
      ),
      count(answers, ({ withoutPrice }) => withoutPrice),
      ...(index === 0 ? backendsDuring(times, evidence) : ['', '', '']),
    ];
  });
}

function backendsDuring(
  { startMs, endMs }: PhaseTimes,
  { arrivals, transitions }: Evidence,
): string[] {
  const during = ({ atMs }: { atMs: number }) =>
    atMs >= startMs && atMs < endMs;
  const changes = transitions.filter(
    (one) => one.backend === 'prices' && during(one),
  );
  return [
    count(arrivals.catalog, during),
    count(arrivals.prices, during),
    [
      ...changes.slice(0, 1).map(({ from }) => from),
      ...changes.map(({ to }) => to),
    ].join(' → '),
  ];
}

/** Nothing rather than 0: what happened should catch the eye. */
function count<T>(all: readonly T[], test: (one: T) => boolean): string {
  return String(all.filter(test).length || '');
}

/** `✓` or `✗` before each promise, the figures behind it. */
export function verdictsOf(verdicts: Verdict[], colours: boolean): string {
  const paint = (colour: 'green' | 'red', text: string) =>
    colours ? styleText(colour, text) : text;
  return verdicts
    .map(({ promise, kept, detail }) => {
      const mark = kept ? paint('green', '✓') : paint('red', '✗');
      return `${mark} ${promise}\n    ${detail}`;
    })
    .join('\n');
}

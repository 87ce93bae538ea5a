import { Terminal } from '../terminal.js';
import { textTable } from '../text-table.js';
import { timeText } from './chart.js';
import { BadLines } from './log-traffic.js';
import { EndpointTally, Simulation } from './simulation.js';
import { suggestLimits } from './suggest.js';

const MOST_CLIENTS = 10;

/** Prints who would have been refused, when and why. */
export function printSimulation(
  simulation: Simulation,
  bad: BadLines,
  terminal: Terminal,
): void {
  const busy = simulation.tallies.filter(({ requests }) => requests > 0);
  const requests = busy.reduce((sum, tally) => sum + tally.requests, 0);
  const refused = busy.reduce((sum, tally) => sum + refusedOf(tally), 0);
  const { firstMs = 0, nowMs } = simulation;
  terminal.print(
    requests === 0
      ? 'no requests'
      : `${requests} requests from ${timeText(firstMs)} to ${timeText(nowMs)}, ${refused} refused (${shareText(refused, requests)})`,
  );
  if (bad.count > 0) {
    terminal.print(
      `${bad.count} lines were no requests, the first of them line ${bad.first}`,
    );
  }
  printGaps(simulation, terminal);
  if (busy.length === 0) return;
  terminal.print(endpointTable(busy, terminal));
  if (refused > 0) terminal.print(clientTable(simulation, terminal));
}

/** A figure that is too good must not look like a good one. */
function printGaps({ gaps }: Simulation, terminal: Terminal): void {
  for (const [gap, requests] of gaps.counts) {
    const warning = terminal.paint('yellow', 'warning');
    terminal.print(`${warning} ${gap} (${requests} requests)`);
  }
}

function endpointTable(
  tallies: readonly EndpointTally[],
  terminal: Terminal,
): string {
  return textTable(
    [
      'endpoint',
      'requests',
      'refused',
      'by service',
      'by deny list',
      'by all callers',
      'by each client',
      'first refused',
    ],
    tallies.map((tally) => [
      tally.endpoint,
      String(tally.requests),
      `${refusedOf(tally)} (${shareText(refusedOf(tally), tally.requests)})`,
      String(tally.refused.service),
      String(tally.refused['deny list']),
      String(tally.refused['all callers']),
      String(tally.refused['each client']),
      tally.firstRefusedMs === undefined ? '-' : timeText(tally.firstRefusedMs),
    ]),
    terminal,
  );
}

function clientTable(
  { refusedClients }: Simulation,
  terminal: Terminal,
): string {
  const most = [...refusedClients]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST_CLIENTS);
  return textTable(
    ['client', 'refused'],
    most.map(([client, refused]) => [client, String(refused)]),
    terminal,
  );
}

/** Prints limits that would refuse at most `share` of the requests to each endpoint. */
export function printSuggestions(
  simulation: Simulation,
  share: number,
  terminal: Terminal,
): void {
  const busy = simulation.tallies.filter(({ requests }) => requests > 0);
  if (busy.length === 0) return;
  terminal.print(
    `limits that would refuse at most ${shareText(share, 1)} of this, each by itself:`,
  );
  terminal.print(
    textTable(
      ['endpoint', 'all callers', 'each client'],
      busy.map((tally) => {
        const { maxRate, clientMaxRate } = suggestLimits(tally, share);
        return [
          tally.endpoint,
          `maxRate: ${maxRate}, capacity: ${maxRate}, every: '1s'`,
          `clientMaxRate: ${clientMaxRate}, clientCapacity: ${clientMaxRate}, every: '1m'`,
        ];
      }),
      terminal,
    ),
  );
}

function refusedOf({ refused }: EndpointTally): number {
  return Object.values(refused).reduce((sum, count) => sum + count, 0);
}

function shareText(part: number, whole: number): string {
  return `${Math.round((part / whole) * 10_000) / 100} %`;
}

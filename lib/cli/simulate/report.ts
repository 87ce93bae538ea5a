import { printable } from '../../config/format/text.js';
import { SimulatedJson } from '../json-output.js';
import { counted, Terminal, textTable } from '../terminal.js';
import { LogTally } from '../traffic/log-files.js';
import { timeText } from './chart.js';
import { EndpointTally, NO_ROUTE, REFUSERS, Simulation } from './simulation.js';
import { suggestion } from './suggestion.js';

const MOST_CLIENTS = 10;
const MOST_PATHS = 5;

/** What came of a simulation, in numbers. */
export function simulatedJson(
  simulation: Simulation,
  tally: LogTally,
  share: number | undefined,
): SimulatedJson {
  const { firstMs = 0, unrouted } = simulation;
  const toMs = Math.max(simulation.nowMs, firstMs);
  const busy = simulation.tallies.filter(({ requests }) => requests > 0);
  const requests = sum(busy.map((each) => each.requests));
  const refused = sum(busy.map(refusedOf));
  return {
    requests,
    refused,
    refusedShare: part(refused, requests),
    from: timeText(firstMs),
    to: timeText(toMs),
    fromMs: firstMs,
    toMs,
    endpoints: busy.map((each) => endpointJson(each, share)),
    withoutRoute: {
      requests: sum(busy.filter(isUnrouted).map((each) => each.requests)),
      paths: mostOf(unrouted, MOST_PATHS).map(([endpoint, requests]) => ({
        endpoint,
        requests,
      })),
    },
    clients: simulation.refusedClients.first(MOST_CLIENTS),
    warnings: warningsOf(simulation, tally),
    lines: {
      noRequest: tally.noRequest,
      unreadable: tally.unreadable,
      outOfOrder: tally.late,
    },
  };
}

function endpointJson(
  tally: EndpointTally,
  share: number | undefined,
): SimulatedJson['endpoints'][number] {
  const { endpoint, requests, firstRefusedMs } = tally;
  const refused = refusedOf(tally);
  return {
    endpoint,
    requests,
    refused,
    refusedShare: part(refused, requests),
    refusedBy: { ...tally.refused },
    firstRefused:
      firstRefusedMs === undefined ? undefined : timeText(firstRefusedMs),
    firstRefusedMs,
    suggested: share === undefined ? undefined : suggestion(tally, share),
  };
}

/** No line is longer, whatever stands in a log. */
const LONGEST_LINE = 4_000;

/** A figure that is too good must not look like a good one. */
function warningsOf(
  { gaps }: Simulation,
  { unreadable, firstUnreadable, late }: LogTally,
): SimulatedJson['warnings'] {
  const warnings: SimulatedJson['warnings'] = [...gaps].map(
    ([message, requests]) => ({ message, requests }),
  );
  if (unreadable > 0 && firstUnreadable) {
    const { at, line } = firstUnreadable;
    const verb = unreadable === 1 ? 'is' : 'are';
    warnings.push({
      message: `${counted(unreadable, 'line')} ${verb} not understood; the first is ${at}: ${JSON.stringify(line)}`,
    });
  }
  if (late > 0) {
    warnings.push({
      message:
        'too far out of order to be sorted; they count at the time of those before them, so sort the log for exact figures',
      requests: late,
    });
  }
  return warnings;
}

/** Prints what came of a simulation, for people. */
export function printSimulation(
  result: SimulatedJson,
  share: number | undefined,
  isQuiet: boolean,
  terminal: Terminal,
): void {
  const { requests, refused, refusedShare, from, to, lines } = result;
  terminal.print(
    requests === 0
      ? 'no requests'
      : `${counted(requests, 'request')} from ${from} to ${to}, ${refused} refused (${percent(refusedShare)})`,
  );
  if (!isQuiet) {
    if (lines.noRequest > 0) {
      const verb = lines.noRequest === 1 ? 'holds' : 'hold';
      terminal.print(`${counted(lines.noRequest, 'line')} ${verb} no request`);
    }
    printWarnings(result, terminal);
    if (requests > 0) terminal.print(endpointTable(result, terminal));
    if (refused > 0) terminal.print(clientTable(result, terminal));
  }
  if (share !== undefined && requests > 0) {
    printSuggestions(result, share, terminal);
  }
}

function printWarnings(
  { warnings, withoutRoute }: SimulatedJson,
  terminal: Terminal,
): void {
  const warning = terminal.paint('yellow', 'warning');
  if (withoutRoute.requests > 0) {
    const paths = withoutRoute.paths.map(({ endpoint }) => endpoint);
    const verb = withoutRoute.requests === 1 ? 'matches' : 'match';
    terminal.print(
      `${warning} ${counted(withoutRoute.requests, 'request')} ${verb} no route of the configuration and ${withoutRoute.requests === 1 ? 'meets' : 'meet'} no limit but that of the service, such as ${printable(paths.join(', '), LONGEST_LINE)}`,
    );
  }
  for (const { message, requests } of warnings) {
    const count =
      requests === undefined ? '' : ` (${counted(requests, 'request')})`;
    terminal.print(`${warning} ${printable(message, LONGEST_LINE)}${count}`);
  }
}

/** Who refuses nobody has no column. */
function endpointTable(
  { endpoints }: SimulatedJson,
  terminal: Terminal,
): string {
  const refusers = REFUSERS.filter((refuser) =>
    endpoints.some(({ refusedBy }) => refusedBy[refuser] > 0),
  );
  return textTable(
    [
      'endpoint',
      'requests',
      'refused',
      ...refusers.map((refuser) => `by ${refuser}`),
      'first refused',
    ],
    endpoints.map((each) => [
      each.endpoint,
      String(each.requests),
      `${each.refused} (${percent(each.refusedShare)})`,
      ...refusers.map((refuser) => String(each.refusedBy[refuser])),
      each.firstRefused ?? '-',
    ]),
    terminal,
  );
}

function clientTable({ clients }: SimulatedJson, terminal: Terminal): string {
  return textTable(
    ['client', 'by', 'refused'],
    clients.map(({ client, by, refused }) => [client, by, String(refused)]),
    terminal,
  );
}

function printSuggestions(
  { endpoints }: SimulatedJson,
  share: number,
  terminal: Terminal,
): void {
  terminal.print(
    `limits that would refuse at most ${percent(share)} of this, both columns together:`,
  );
  terminal.print(
    textTable(
      ['endpoint', 'all callers', 'each client', 'refused'],
      endpoints.map(({ endpoint, requests, suggested }) => {
        const [all, client] = suggested?.limits ?? [];
        return [
          endpoint,
          all ? limitText(all) : '-',
          client ? limitText(client) : '-',
          suggested
            ? `${suggested.refused} (${percent(part(suggested.refused, requests))})`
            : '-',
        ];
      }),
      terminal,
    ),
  );
}

/** As it stands in a configuration, without the braces around it. */
function limitText(limit: Readonly<Record<string, unknown>>): string {
  return Object.entries(limit)
    .map(([key, value]) => `${key}: ${valueText(value)}`)
    .join(', ');
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${limitText(value as Record<string, unknown>)} }`;
  }
  return typeof value === 'string' ? `'${value}'` : String(value);
}

function isUnrouted({ endpoint }: EndpointTally): boolean {
  return endpoint === NO_ROUTE;
}

function mostOf(
  counts: ReadonlyMap<string, number>,
  most: number,
): [string, number][] {
  return [...counts].toSorted(([, a], [, b]) => b - a).slice(0, most);
}

function refusedOf({ refused }: EndpointTally): number {
  return sum(Object.values(refused));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function part(some: number, all: number): number {
  return all === 0 ? 0 : some / all;
}

function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100} %`;
}
